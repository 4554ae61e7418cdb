"""The repositories and the traffic of the company of the demo, and the evidence that the commands find in them."""
