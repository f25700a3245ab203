using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace GemmaVk.Text.Tests;

/// <summary>The template against prompts that the published one rendered.</summary>
public sealed class GoldenPromptTests
{
    private static readonly JsonElement File = GoldenJson.Of("chat", "prompts.json");

    [Fact]
    public void WritesEveryPrompt()
    {
        var wrong = new List<string>();
        int cases = 0;
        foreach (JsonElement item in File.Cases())
        {
            string expected = item.TryGetProperty("prompt_if_moved_to_tool_responses", out JsonElement moved) ? moved.GetString()! : item.Str("prompt");
            string prompt = Render(item, openClosedTurn: false).Text;
            if (prompt != expected)
            {
                wrong.Add($"{item.Str("name")}\n  expected {JsonSerializer.Serialize(expected)}\n  got      {JsonSerializer.Serialize(prompt)}");
            }

            cases++;
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {cases} wrong:\n" + string.Join('\n', wrong.Take(10)));
        Assert.Equal(354, cases);
    }

    [Fact]
    public void OpensATurnWhereTheTemplateLeavesNone()
    {
        int opened = 0;
        foreach (JsonElement item in File.Cases().Where(item => !item.TryGetProperty("error", out _)))
        {
            string appended = item.TryGetProperty("llama_cpp_appends", out JsonElement more) ? more.GetString()! : "";
            Assert.Equal(item.Str("prompt") + appended, Render(item, openClosedTurn: true).Text);
            opened += appended.Length > 0 ? 1 : 0;
        }

        Assert.Equal(3, opened);
    }

    [RealVocabularyFact]
    public void EncodesEveryPrompt()
    {
        BpeTokenizer tokenizer = RealVocabulary.Tokenizer;
        int cases = 0;
        int hostile = 0;
        foreach (JsonElement item in File.Cases().Where(item => !item.TryGetProperty("error", out _)))
        {
            ChatPrompt prompt = Render(item, openClosedTurn: false);
            int[] ids = prompt.Encode(tokenizer);
            if (item.TryGetProperty("control_ids_written_by_template", out JsonElement controls))
            {
                Assert.Equal(prompt.Text, tokenizer.Decode(ids, skipSpecials: false));
                Assert.Equal(controls.Ints(), ids.Where(tokenizer.Specials.IsControl));
                hostile++;
            }
            else
            {
                Assert.Equal(item.GetProperty("ids").Ints(), ids);
                cases++;
            }
        }

        Assert.Equal(29, hostile);
        Assert.Equal(323, cases);
    }

    private static ChatPrompt Render(JsonElement item, bool openClosedTurn) => ChatTemplate.Render(
        Conversations.Messages(item.GetProperty("messages")),
        Conversations.Tools(item.GetProperty("tools")),
        new ChatOptions
        {
            EnableThinking = item.GetProperty("enable_thinking").GetBoolean(),
            AddGenerationPrompt = item.GetProperty("add_generation_prompt").GetBoolean(),
            PreserveThinking = item.GetProperty("preserve_thinking").GetBoolean(),
            OpenClosedTurn = openClosedTurn,
        });
}
