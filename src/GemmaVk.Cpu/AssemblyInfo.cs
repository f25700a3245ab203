using System.Runtime.CompilerServices;

// Tiles use stack memory that they write before they read; clearing it would cost as much as a row of a small matrix.
[module: SkipLocalsInit]
