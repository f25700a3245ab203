using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using GemmaVk.Cli.Reading;
using GemmaVk.Cli.Terminals;
using GemmaVk.Documents.Answers;
using GemmaVk.Documents.Index;
using GemmaVk.Documents.Search;
using GemmaVk.Structured;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>A model that searches the documents while it answers.</summary>
public class SearchRoundTests
{
    [Fact]
    public void Searches_are_answered_and_one_without_end_is_ended()
    {
        using TemporaryFolder folder = new();
        folder.Write("docs/world.md", "The code of Dan is 021.");
        using FolderIndex index = FolderIndex.Open(folder["docs"]);
        index.Update();
        using GemmaEngine engine = GemmaEngine.Load(new EngineOptions { Model = Repository.Pebble, Device = "cpu", Context = 4096 });
        StringWriter said = new();
        using Terminal terminal = new() { In = Stream.Null, Out = new StringWriter(), Error = said };
        SearchTool tool = new(new PassageSearch(index));
        AskOptions options = SearchRounds.Offer(new AskOptions { Draw = new DrawOptions(Temperature: 0), MaxTokens = 200 }, tool);
        Assert.Equal(SearchTool.Name, Assert.Single(options.Tools).Name);
        // Every answer has to be a search: nothing but the bound ends it.
        options = options with { Shape = AnswerShape.OfTools([SearchTool.Declaration], ToolUse.Required, SearchTool.Name, several: false), SingleCall = true };
        using GemmaSession session = engine.NewSession(4096);
        Answer first = session.Ask("What is the code of Dan?", options);
        Assert.NotEmpty(session.OpenCalls);
        SearchRounds.Complete(session, first, tool, options, _ => { }, terminal, default);
        Assert.Equal(SearchTool.MostRounds, said.ToString().Split("(searches the documents").Length - 1);
        Assert.Contains($"searched {SearchTool.MostRounds} times", said.ToString());
    }

    [Fact]
    public async Task Other_programs_search_with_the_same_tool()
    {
        using TemporaryFolder folder = new();
        for (int i = 0; i < 12; i++)
        {
            folder.Write($"docs/{i}.md", $"The hen {i} sleeps near the castle.");
        }

        using FolderIndex index = FolderIndex.Open(folder["docs"]);
        index.Update();
        FolderSearch search = new(index);
        Assert.Same(SearchTool.Declaration, search.Declaration);
        async Task<int> Found(string arguments) => (await search.CallAsync(JsonElement.Parse(arguments), default)).Text.Split("sleeps near").Length - 1;
        Assert.Equal((5, 8, 10), (await Found("""{"query":"hen"}"""), await Found("""{"query":"hen","passages":8}"""), await Found("""{"query":"hen","passages":99}""")));
        Assert.Equal("Nothing was found.", (await search.CallAsync(JsonElement.Parse("""{"query":"whale"}"""), default)).Text);
    }

    [Fact]
    public void Calls_of_other_tools_are_left_to_whoever_offered_them()
    {
        AskOptions none = new();
        Assert.Same(none, SearchRounds.Offer(none, null));
    }
}
