using Xunit;

// A backend serves one thread at a time, and all test classes share the backends: one class after the other, but for those of a collection of their own.
[assembly: CollectionBehavior(CollectionBehavior.CollectionPerAssembly)]
