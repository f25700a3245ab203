using System;
using System.Diagnostics;
using System.Threading.Tasks;
using Xunit;
using Xunit.Abstractions;

namespace GemmaVk.Server.Tests;

/// <summary>A server that nobody asks anything.</summary>
[Collection(ServerCollection.Name)]
public class IdleTests(PebbleServer server, ITestOutputHelper output)
{
    [Fact]
    public async Task A_server_that_is_asked_nothing_takes_no_processor_time()
    {
        // Threads that have worked are those that might go on looking for work.
        await server.Ask("v1/chat/completions", PebbleServer.Question("What are you?"));
        await Task.Delay(100);
        TimeSpan before = Time();
        await Task.Delay(5000);
        double taken = (Time() - before).TotalMilliseconds;
        output.WriteLine($"{taken:0} ms of processor time in 5 s");
        // One spinning thread would take 5,000 ms. The host of the tests itself takes some, and so does code that is still being compiled for speed.
        Assert.InRange(taken, 0, 2000);
    }

    private static TimeSpan Time()
    {
        using Process process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }
}
