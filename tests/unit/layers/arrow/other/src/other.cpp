int other_value() { return 0; }
