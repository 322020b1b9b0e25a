"""CDS Hooks over HTTP: who may call, and what is answered."""
