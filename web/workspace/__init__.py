"""What an organisation keeps: scenarios and their versions, links, enquiries, its own values, what was done."""
