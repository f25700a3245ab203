using Xunit;

// Models wait for a driver or for one core most of the time: three classes at once keep two cores busy.
[assembly: CollectionBehavior(MaxParallelThreads = 3)]
