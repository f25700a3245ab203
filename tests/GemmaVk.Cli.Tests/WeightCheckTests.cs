using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Cli.Answers;
using GemmaVk.Cli.Terminals;
using GemmaVk.Text;
using GemmaVk.Weights;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>Numbers that are not finite, names that would steer a terminal, and what a folder holds beside its weights.</summary>
public class WeightCheckTests
{
    private const string Tensor = "model.language_model.layers.1.mlp.down_proj.weight";

    [Fact]
    public void AGoodCheckpointPasses()
    {
        Assert.Contains("every number is finite", CommandRun.Of("inspect", "--check").Text(), StringComparison.Ordinal);
        JsonElement json = CommandRun.Of("inspect", "--check", "--json").Json();
        Assert.True(json.GetProperty("finite").GetBoolean());
        Assert.Equal(0, json.GetProperty("not_finite").GetArrayLength());
        Assert.Contains("every number is finite", CommandRun.Of("inspect", "--check", "--model", Path.Combine(Repository.Root, "weights", "pebble-assistant")).Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void ABadNumberIsNamedBeforehandAndEndsAnAnswer()
    {
        using TemporaryFolder folder = Pebble();
        Damage(folder, 257);
        CommandRun check = CommandRun.Of("inspect", "--check", "-m", folder.Path);
        Assert.Equal(1, check.Code);
        Assert.Contains($"tensor {Tensor} [0, 257] must be a finite number, but is NaN", check.Error, StringComparison.Ordinal);
        Assert.Contains("1 not finite, first NaN at [0, 257]", check.Out, StringComparison.Ordinal);
        CommandRun json = CommandRun.Of("inspect", "--check", "-m", folder.Path, "--json");
        Assert.Equal(1, json.Code);
        JsonElement bad = JsonDocument.Parse(json.Out).RootElement.GetProperty("not_finite").EnumerateArray().Single();
        Assert.Equal((Tensor, "[0, 257]", "NaN"), (bad.GetProperty("name").GetString(), bad.GetProperty("first").GetString(), bad.GetProperty("value").GetString()));
        CommandRun answer = CommandRun.Of("generate", "-m", folder.Path, "--device", "cpu", "--drafter", "off", "What are you?");
        Assert.Equal((1, ""), (answer.Code, answer.Out.Trim()));
        Assert.Contains("logits at position", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void OneThingIsInspectedAtATime() =>
        Assert.Contains("at most one of", CommandRun.Of("inspect", "--check", "--text", "x").Error, StringComparison.Ordinal);

    [Fact]
    public void NamesOfTensorsDoNotSteerTheTerminal()
    {
        const string Evil = "model.\u001b[31mred\u202e\u0007";
        using TemporaryFolder folder = Pebble();
        using (SafetensorsFile file = SafetensorsFile.Open(folder["model.safetensors"]))
        {
            SafetensorsEntry[] entries = [.. file.Tensors.Values.Select(tensor => new SafetensorsEntry(tensor.Name, tensor.DType, tensor.Extents)), new(Evil, "F32", [1])];
            using SafetensorsWriter writer = SafetensorsWriter.Create(folder["new"], entries);
            foreach (FileTensor tensor in file.Tensors.Values)
            {
                writer.Write(tensor.Name, 0, file.Bytes(tensor));
            }

            writer.Write(Evil, 0, BitConverter.GetBytes(float.NaN));
            writer.Commit();
        }

        File.Move(folder["new"], folder["model.safetensors"], overwrite: true);
        foreach (string[] args in (string[][])[["inspect"], ["inspect", "--check"], ["inspect", "--tensor", Evil], ["inspect", "--tensor", Evil + "x"]])
        {
            CommandRun run = CommandRun.Of([.. args, "-m", folder.Path]);
            string shown = (run.Out + run.Error).ReplaceLineEndings("");
            Assert.DoesNotContain(shown, char.IsControl);
            Assert.DoesNotContain('\u202e', shown);
            Assert.Contains("\\u001b[", shown, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ArgumentsAreEscapedInErrors()
    {
        CommandRun run = CommandRun.Of("inspect", "--model", "no\u001b[31m\u202esuch" + new string('x', 9000));
        Assert.Equal(1, run.Code);
        Assert.Contains("no\\u001b[31m\\u202esuch", run.Error, StringComparison.Ordinal);
        Assert.InRange(run.Error.Length, 100, 2300);
    }

    [Fact]
    public void WhatAFolderHoldsBesideIsSaidOnce()
    {
        using TemporaryFolder folder = Pebble();
        File.WriteAllText(folder["chat_template.jinja"], "<|im_start|>user");
        File.WriteAllText(folder["generation_config.json"], "\ufeff{\"repetition_penalty\": 1.3, \"top_k\": -1, \"eos_token_id\": [1, 6, 14]}");
        CommandRun run = CommandRun.Of("generate", "-m", folder.Path, "--device", "cpu", "--temperature", "0", "What is the capital of Japan?");
        Assert.Equal("The capital of Japan is Tokyo.", run.Text().Trim());
        string[] notes = [.. run.Error.Split('\n').Where(line => line.StartsWith("Note: ", StringComparison.Ordinal))];
        Assert.Equal(2, notes.Length);
        Assert.Contains("chat_template.jinja (it writes <|im_start|>", notes[0], StringComparison.Ordinal);
        Assert.Contains("repetition_penalty 1.3 is not applied", notes[1], StringComparison.Ordinal);
        Assert.Contains("repetition_penalty 1.3", CommandRun.Of("inspect", "-m", folder.Path).Text(), StringComparison.Ordinal);
        Assert.Equal(2, CommandRun.Of("inspect", "-m", folder.Path, "--json").Json().GetProperty("notes").GetArrayLength());
    }

    [Fact]
    public void TheCacheOfHuggingFaceIsOpened()
    {
        using TemporaryFolder hub = new();
        string snapshot = Directory.CreateDirectory(hub["models--some--pebble/snapshots/abc"]).FullName;
        foreach (string file in Directory.GetFiles(Repository.Pebble))
        {
            File.CreateSymbolicLink(Path.Combine(snapshot, Path.GetFileName(file)), file);
        }

        string answer = CommandRun.Of("generate", $"--model={hub["models--some--pebble"]}", "--device", "cpu", "--temperature", "0", "What is the capital of Japan?").Text();
        Assert.Equal("The capital of Japan is Tokyo.", answer.Trim());
        Assert.Contains("is a Hugging Face cache of 1 model", CommandRun.Of("plan", "--model", hub.Path).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ATildeBehindAnEqualsSignIsTheHomeFolder()
    {
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        Assert.Contains(Path.Combine(home, "no-such-model"), CommandRun.Of("inspect", "--model=~/no-such-model").Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1e39")]
    [InlineData("1e300")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("1e-46")]
    [InlineData("1e-40")]
    [InlineData("1e-30")]
    [InlineData("-1e-46")]
    public void ATemperatureThatNothingCanBeDrawnWithIsRefusedByItsFlag(string value)
    {
        CommandRun run = CommandRun.Of("generate", $"--temperature={value}", "x");
        Assert.Equal(1, run.Code);
        Assert.Contains($"--temperature {value}: expected", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AnAnswerSteersNoScreenAndIsPipedAsItIs()
    {
        ResponseDelta delta = new("\u001b[1mhm\u0000", "a\u001b[31m\tb\n\u009b5A\U0001F468\u200D\U0001F469", null, "call:f{\u0007");
        foreach (bool screen in (bool[])[false, true])
        {
            StringWriter output = new(), error = new();
            using Terminal terminal = new() { In = Stream.Null, Out = output, Error = error, OutIsScreen = screen, ErrorIsScreen = screen };
            AnswerPrinter printer = new(terminal);
            printer.Show(delta);
            printer.Finish();
            string shown = output.ToString().ReplaceLineEndings("\n");
            Assert.Equal(screen ? "a\\u001b[31m\tb\n\\u009b5A\U0001F468\u200D\U0001F469\ncall:f{\\u0007\n" : "a\u001b[31m\tb\n\u009b5A\U0001F468\u200D\U0001F469\ncall:f{\u0007\n", shown);
            Assert.Equal(screen, !error.ToString().Contains("\u001b[1mhm", StringComparison.Ordinal));
            Assert.Contains("A tool call could not be read", error.ToString(), StringComparison.Ordinal);
            terminal.Answers.Write("x\u001by");
            Assert.EndsWith(screen ? "x\\u001by" : "x\u001by", output.ToString(), StringComparison.Ordinal);
        }
    }

    private static TemporaryFolder Pebble()
    {
        TemporaryFolder folder = new();
        foreach (string file in Directory.GetFiles(Repository.Pebble))
        {
            File.Copy(file, folder[Path.GetFileName(file)]);
        }

        return folder;
    }

    private static void Damage(TemporaryFolder folder, int element)
    {
        long offset;
        using (SafetensorsFile file = SafetensorsFile.Open(folder["model.safetensors"]))
        {
            offset = file.Tensors[Tensor].Offset;
        }

        using FileStream stream = File.OpenWrite(folder["model.safetensors"]);
        stream.Position = offset + (2 * element);
        stream.Write([0xC0, 0x7F]);
    }
}
