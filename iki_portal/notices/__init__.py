"""What people are told: notices in the portal, written with the step they tell of, and e-mail, sent after the commit."""
