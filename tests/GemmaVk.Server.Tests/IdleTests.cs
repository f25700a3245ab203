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
        Idleness window = Idleness.Measure();
        output.WriteLine($"{window}");
        Assert.True(window.IsIdle, $"{window}");
    }
}
