"""Which earlier ideas may be the same, while settling, while somebody writes, and at night."""
