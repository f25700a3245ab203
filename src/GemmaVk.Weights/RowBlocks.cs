using System;
using System.Collections.Generic;
using System.Runtime.ExceptionServices;
using System.Threading;
using System.Threading.Tasks;

namespace GemmaVk.Weights;

/// <summary>Runs independent blocks of file work on all cores; the first failure stops the rest and comes out as itself.</summary>
internal static class RowBlocks
{
    public static void ForEach<T>(IEnumerable<T> blocks, CancellationToken cancellation, Action<T> work)
    {
        try
        {
            ParallelOptions options = new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation };
            Parallel.ForEach(blocks, options, work);
        }
        catch (AggregateException error)
        {
            ExceptionDispatchInfo.Throw(error.InnerExceptions[0]);
        }
    }
}
