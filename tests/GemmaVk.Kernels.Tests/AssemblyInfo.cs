using Xunit;

// A backend serves one thread at a time, and all test classes share the backends.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
