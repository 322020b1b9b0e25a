// A saved scenario that is open in the calculator: each change is kept in this browser until the server has stored it.
"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const place = (key) => `rapport-unsaved-${key}`;
  const read = (store, name) => { try { return JSON.parse(store.getItem(name)); } catch { return null; } };
  const write = (store, name, value) => { try { store.setItem(name, JSON.stringify(value)); return true; } catch { return false; } };
  const forget = (key) => { try { localStorage.removeItem(place(key)); } catch { /* nothing was kept */ } };

  // On the page of a conflict, too: what is given up or kept elsewhere is no longer offered from this browser.
  const COPYING = "rapport-copying";
  document.addEventListener("click", (event) => {
    const chosen = event.target.closest?.("[data-forget], [data-copying]");
    if (chosen?.dataset.forget) forget(chosen.dataset.forget);
    if (chosen?.dataset.copying) write(sessionStorage, COPYING, chosen.dataset.copying);
  }, true);

  const bar = byId("saved");
  const copied = read(sessionStorage, COPYING);
  if (copied && bar && bar.dataset.key !== copied) { forget(copied); sessionStorage.removeItem(COPYING); }
  if (!bar) return;

  const REST = 700; // milliseconds after an answer, so that a word being typed is stored once
  const FIRST_WAIT = 2000;
  const LONGEST_WAIT = 60000;
  const PATIENCE = 15000;
  const key = bar.dataset.key;
  const MINE = `rapport-revision-${key}`; // what this tab stored last; Back leads to older addresses of its own
  const BACK = "rapport-back";
  const RESUMED = "rapport-resumed";
  const ABOUT = ["saved", "revision", "csrf_token", "lang"];
  const clinic = () => byId("clinic");
  const said = bar.querySelector("[data-said]");
  const state = bar.querySelector("[data-state]");
  const token = () => bar.querySelector("[name=csrf_token]").value;

  let revision = Number(bar.dataset.seen);
  let kept = true; // in this browser
  let timer;
  let wait = FIRST_WAIT;
  let busy = null;
  let blocked = false; // by a conflict that waits for a decision
  let left = false; // theirs is taken: an answer that still arrives brings nothing back

  const typed = () => {
    const fields = [...new FormData(clinic())].filter(([name, text]) => text !== "" && !ABOUT.includes(name));
    return new URLSearchParams(fields).toString();
  };
  let stored = "kept" in bar.dataset ? typed() : null;
  const unsaved = () => typed() !== stored;

  const say = (name) => { said.textContent = name ? bar.dataset[name] : ""; state.hidden = Boolean(name); };
  const note = (name) => { say(""); state.textContent = bar.dataset[name]; };
  let standing = [...state.childNodes]; // what the server said last
  const close = bar.querySelector("[data-close]");
  const closing = close.textContent;
  let dropping = false; // asked whether what is not stored may go
  const rest = () => { say(""); state.replaceChildren(...standing); dropping = false; close.textContent = closing; };
  const keep = () => { if (!left) kept = write(localStorage, place(key), { form: typed(), revision }); };
  const see = (number) => {
    revision = number;
    write(sessionStorage, MINE, number);
    const field = clinic().elements.revision;
    if (field) field.value = number;
    const address = new URL(location.href);
    if (address.searchParams.get("saved") !== key) return;
    address.searchParams.set("revision", number);
    history.replaceState(history.state, "", address);
  };

  const later = (pause) => { clearTimeout(timer); timer = setTimeout(store, pause); };
  const again = (name) => {
    say(kept ? name : "nowhere");
    later(wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  };

  // Sends what is typed; the answer is the bar anew. Returns whether everything is stored.
  const send = async (form, seen) => fetch(bar.dataset.keep, {
    method: "POST",
    headers: { "HX-Request": "true", "X-CSRFToken": token() },
    body: new URLSearchParams(`${form}&saved=${key}&revision=${seen}`),
    signal: AbortSignal.timeout(PATIENCE),
  });
  const parsed = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");
  const renew = (fresh) => {
    for (const field of bar.querySelectorAll("[name=csrf_token]")) field.value = fresh.querySelector("[name=csrf_token]").value;
  };
  // After signing in anew the page's token is of the sign-in before.
  const renewed = async () => {
    const answer = await fetch(`${bar.dataset.look}${bar.dataset.look.includes("?") ? "&" : "?"}${typed()}&revision=${revision}`, { headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) return answer;
    renew((await parsed(answer)).getElementById("saved"));
    return null;
  };

  const attempt = async () => {
    const form = typed();
    if (form === stored) { forget(key); rest(); return true; }
    if (blocked) return false;
    if (!said.textContent) note("saving");
    let answer;
    try {
      answer = await send(form, revision);
      if (answer.status === 400) answer = (await renewed()) ?? (await send(form, revision));
    } catch { again("offline"); return false; }
    if (answer.ok) {
      const fresh = (await parsed(answer)).getElementById("saved");
      renew(fresh);
      stored = form;
      wait = FIRST_WAIT;
      see(Number(fresh.dataset.now));
      standing = [...fresh.querySelector("[data-state]").childNodes];
      rest();
      if (!byId("trouble").hidden) clinic().dispatchEvent(new Event("input", { bubbles: true })); // the result is still an older one
      if (unsaved()) { keep(); later(REST); return false; }
      forget(key);
      return true;
    }
    if (answer.status === 409) ask(await parsed(answer));
    else if (answer.status === 422) say("wrong");
    else if (answer.status === 401) again("out");
    else if (answer.status === 403 || answer.status === 404) say("gone");
    else again("trouble");
    return false;
  };
  const store = () => {
    clearTimeout(timer);
    busy ??= attempt().finally(() => { busy = null; });
    return busy;
  };

  const ask = (answer) => {
    blocked = true;
    say("");
    state.textContent = bar.dataset.unkept;
    const panel = answer.getElementById("conflict");
    byId("conflict")?.remove();
    bar.after(panel);
    byId("conflict-heading").focus();
    panel.scrollIntoView({ block: "nearest" });
  };

  document.addEventListener("input", (event) => {
    if (!event.target.closest?.("#clinic") || !unsaved()) return;
    keep();
    if (!blocked && !said.textContent) note("unkept");
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const id = event.detail.elt?.id;
    if (id === "results" || id === "workspace") {
      see(revision); // the answer has the one of when it was asked for
      if (unsaved()) { keep(); later(REST); } else if (!busy) store();
    }
    if (id === "inputs" && unsaved()) { keep(); say("wrong"); }
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, () => { if (unsaved()) { keep(); later(0); } });
  addEventListener("online", () => { wait = FIRST_WAIT; if (unsaved()) store(); });
  addEventListener("focus", () => { if (said.textContent && unsaved()) store(); });
  addEventListener("beforeunload", (event) => { if (!kept && unsaved()) event.preventDefault(); });
  addEventListener("popstate", () => { write(sessionStorage, BACK, location.search); }, true);

  document.addEventListener("click", (event) => { if (event.target.closest?.("[data-forget]")) left = true; });

  // Buttons that send the calculator's fields elsewhere go past htmx, and only when what is typed is stored.
  let sending = false;
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button?.matches("[data-plain]")) return;
    event.stopPropagation();
    clinic().elements.revision.value = revision;
    if (!button.matches("[data-first]") || sending) return;
    event.preventDefault();
    if (!navigator.onLine) { say("offline"); return; }
    // Not before this event is over: until then a form does not send itself.
    store().then((done) => setTimeout(() => { if (done) { sending = true; clinic().requestSubmit(button); sending = false; } }));
  }, true);
  close.addEventListener("click", (event) => {
    if (dropping || !unsaved()) { forget(key); return; }
    event.preventDefault();
    store().then((done) => {
      if (done) { location.href = close.href; return; }
      dropping = true;
      close.textContent = bar.dataset.drop;
    });
  });

  // How long ago, while the page stays open.
  const units = [["day", 86400], ["hour", 3600], ["minute", 60]];
  setInterval(() => {
    const words = new Intl.RelativeTimeFormat(document.documentElement.lang);
    for (const time of bar.querySelectorAll("time[data-ago]")) {
      const past = (Date.now() - Date.parse(time.dateTime)) / 1000;
      const [unit, size] = units.find(([, length]) => past >= length) ?? [];
      if (unit && past < 7 * 86400) time.textContent = words.format(-Math.round(past / size), unit);
    }
  }, 30000);

  // What this browser kept of an earlier visit is taken up; a link that somebody else wrote is only shown.
  const found = read(localStorage, place(key));
  const mine = read(sessionStorage, MINE);
  if (mine === Number(bar.dataset.now)) see(mine);
  const resumed = read(sessionStorage, RESUMED) === key;
  const back = read(sessionStorage, BACK) === location.search && mine === revision;
  sessionStorage.removeItem(RESUMED);
  sessionStorage.removeItem(BACK);
  if (found && found.form !== typed() && !resumed && !back) {
    write(sessionStorage, RESUMED, key);
    location.replace(`/?${found.form}&saved=${key}&revision=${found.revision}`);
  } else if (stored !== null) {
    forget(key);
    see(revision);
  } else if (found || back) {
    keep();
    store();
  }
})();
