"""What whoever runs the server needs: logs, metrics, health, and what stands between it and the network."""
