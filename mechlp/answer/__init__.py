"""What comes back from a question: verdict, mechanism and proof."""
