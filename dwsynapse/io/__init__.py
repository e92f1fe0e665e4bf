"""What goes in and out of every room: errors, tables and files with provenance, figures."""
