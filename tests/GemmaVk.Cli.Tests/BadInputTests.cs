using System;
using System.IO;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>Each mistake gives one sentence that names the flag or file, and exit code 1.</summary>
public sealed class BadInputTests
{
    public static TheoryData<string, string[]> Mistakes => new()
    {
        { "a command is missing: expected generate", [] },
        { "'frobnicate' is no command: expected generate, chat", ["frobnicate"] },
        { "generate has no flag --tempature", ["generate", "--tempature", "0", "hi"] },
        { "generate has no flag --tempature", ["generate", "--tempature"] },
        { "'there' is one argument too many; put text with spaces in quotes", ["generate", "hi", "there"] },
        { "no prompt: expected text in quotes, --file PATH, or text on standard input", ["generate"] },
        { "the prompt is empty: expected a question", ["generate", ""] },
        { "the prompt is empty: expected a question", ["generate", " \n "] },
        { "the prompt and --file: expected one of them", ["generate", "hi", "--file", "x.txt"] },
        { "--file nowhere.txt: expected a readable text file", ["generate", "--file", "nowhere.txt"] },
        { "expected a text file, but it is a folder", ["generate", "--file", "."] },
        { "--max-tokens abc: expected a whole number of 1 or more", ["generate", "hi", "--max-tokens", "abc"] },
        { "--max-tokens 0: expected a whole number of 1 or more", ["generate", "hi", "--max-tokens", "0"] },
        { "--max-tokens -3: expected a whole number of 1 or more", ["generate", "hi", "--max-tokens", "-3"] },
        { "--max-tokens 99999999999: expected a whole number", ["generate", "hi", "--max-tokens", "99999999999"] },
        { "--max-tokens", ["generate", "hi", "--max-tokens"] },
        { "--temperature -0.5: expected a number of 0 or more", ["generate", "hi", "--temperature", "-0.5"] },
        { "--temperature NaN: expected a number of 0 or more", ["generate", "hi", "--temperature", "NaN"] },
        { "--temperature 1e99: expected a number of 0 or more", ["generate", "hi", "--temperature", "1e99"] },
        { "--temperature 1e300: expected a number of 0 or more: 0, or from 1e-20 to 3.4e38", ["generate", "hi", "--temperature", "1e300"] },
        { "--top-k 99999999999: expected a whole number of 0 or more, at most 2,147,483,647", ["generate", "hi", "--top-k", "99999999999"] },
        { "--top-k -1: expected a whole number of 0 or more", ["generate", "hi", "--top-k", "-1"] },
        { "--top-p 0: expected a number above 0 and at most 1", ["generate", "hi", "--top-p", "0"] },
        { "--top-p 1.5: expected a number above 0 and at most 1", ["generate", "hi", "--top-p", "1.5"] },
        { "--min-p 1: expected a number from 0 and below 1", ["generate", "hi", "--min-p", "1"] },
        { "--seed -1: expected a whole number from 0 to 18446744073709551615", ["generate", "hi", "--seed", "-1"] },
        { "--weights int3: expected int4, int8 or bf16", ["generate", "hi", "--weights", "int3"] },
        { "--kv fp8: expected fp16, int8 or fp32", ["generate", "hi", "--kv", "fp8"] },
        { "--full-kv keys: expected both or values", ["generate", "hi", "--full-kv", "keys"] },
        { "--think and --raw: expected one of them", ["generate", "hi", "--raw", "--think"] },
        { "--system and --raw: expected one of them", ["generate", "hi", "--raw", "--system", "x"] },
        { "--specials: expected together with --raw", ["generate", "hi", "--specials"] },
        { "--context 0: expected a whole number of 1 or more", ["generate", "hi", "--context", "0"] },
        { "--context 5000: expected 1 to 4096, the model's max_position_embeddings", ["generate", "hi", "--context", "5000", "--device", "cpu"] },
        { "more than --context 8", ["generate", "What are you?", "--context", "8", "--device", "cpu"] },
        { "--budget 0: expected a size above 0 such as 16GiB, 12GB, 800MiB or a number of bytes", ["plan", "--budget", "0"] },
        { "--budget lots: expected a size above 0", ["generate", "hi", "--budget", "lots"] },
        { "--budget -1GiB: expected a size above 0", ["chat", "--budget", "-1GiB"] },
        { "--budget 1e9: expected a size above 0", ["bench", "--budget", "1e9"] },
        { "--budget 99999999999999999GiB: expected a size above 0", ["plan", "--budget", "99999999999999999GiB"] },
        { "--budget GiB: expected a size above 0", ["plan", "--budget", "GiB"] },
        { "--budget : expected a size above 0", ["plan", "--budget", ""] },
        { "--device-memory none: expected a size above 0", ["plan", "--device-memory", "none"] },
        { "--context 4097: expected 1 to 4096, the model's max_position_embeddings", ["plan", "--context", "4097", "--device", "cpu"] },
        { "--drafter is empty", ["plan", "--drafter", ""] },
        { "nowhere must be a folder with a safetensors checkpoint, but nothing is there", ["plan", "--drafter", "nowhere", "--device", "cpu"] },
        { "nowhere must be a folder with a safetensors checkpoint, but nothing is there", ["plan", "--model", "nowhere", "--device", "cpu"] },
        { "--device gpu: expected auto, cpu, vulkan, the index", ["generate", "hi", "--device", "gpu"] },
        { "--device ilgpu:tpu: expected ilgpu, ilgpu:cpu, ilgpu:cuda or ilgpu:opencl", ["generate", "hi", "--device", "ilgpu:tpu"] },
        { "--device ilgpu:cpu:7: there is no CPU device 7; ILGPU sees 1: ilgpu:cpu", ["generate", "hi", "--device", "ilgpu:cpu:7"] },
        { "needs", ["generate", "hi", "--device", "ilgpu:cpu", "--device-memory", "2MiB"] },
        { "--device 99: ", ["generate", "hi", "--device", "99"] },
        { "nowhere must be a folder with a safetensors checkpoint, but nothing is there", ["generate", "hi", "--model", "nowhere"] },
        { "--model is empty", ["generate", "hi", "--model", ""] },
        { "expected at most one of a file, --tensor, --text, --file and --check", ["inspect", "--tensor", "x", "--text", "y"] },
        { "--tensor x: expected a tensor of", ["inspect", "--tensor", "x"] },
        { "--specials: expected together with --text or --file", ["inspect", "--specials"] },
        { "expected --out FILE, or --compare or a --compare- flag", ["trace", "--ids", "2"] },
        { "expected exactly one of --ids, --prompt and --case", ["trace", "--out", "x.safetensors"] },
        { "--ids: expected whole numbers separated by commas, such as 2,105,7, but 'x' came", ["trace", "--ids", "2,x", "--out", "x.safetensors"] },
        { "--ids: expected ids from 0 to 1023, the model's vocabulary, but 1024 came", ["trace", "--ids", "2,1024", "--out", "x.safetensors", "--device", "cpu"] },
        { "--out .: expected a file, but it is a folder", ["trace", "--ids", "2", "--out", "."] },
        { "expected a file in a folder that is there", ["trace", "--ids", "2", "--out", "no/such/folder/x.safetensors"] },
        { "-p -1: expected whole numbers of 0 or more, separated by commas", ["bench", "-p", "-1"] },
        { "-n 1,,2: expected whole numbers of 0 or more", ["bench", "-n", "1,,2"] },
        { "-r 0: expected a whole number of 1 or more", ["bench", "-r", "0"] },
        { "--within 0: expected a whole number from 1 to 86400", ["tune", "--within", "0"] },
        { "-p 0 -n 0: expected a prompt length or a number of steps", ["bench", "-p", "0", "-n", "0"] },
        { "--csv and --json: expected one of them", ["bench", "--csv", "--json"] },
        { "expected at most 4096 positions together", ["bench", "-d", "4000", "-p", "100", "--device", "cpu"] },
        { "--draft 0: expected a whole number from 1 to 7", ["generate", "hi", "--draft", "0"] },
        { "--draft 9: expected a whole number from 1 to 7", ["generate", "hi", "--draft", "9"] },
        { "--draft two: expected a whole number from 1 to 7", ["chat", "--draft", "two"] },
        { "--draft 2 and --drafter off: expected one of them", ["generate", "hi", "--draft", "2", "--drafter", "off"] },
        { "--drafter-head int3: expected int4, int8 or bf16", ["generate", "hi", "--drafter-head", "int3"] },
        { "--drafter nowhere: nowhere must be a folder with a safetensors checkpoint, but nothing is there", ["generate", "hi", "--drafter", "nowhere"] },
        { "--drafter is empty", ["generate", "hi", "--drafter", ""] },
        { "model_type must be gemma4_unified_assistant, but is \"gemma4_unified\"", ["generate", "hi", "--drafter", Repository.Pebble] },
        { "backbone_hidden_size must be hidden_size = 256", ["generate", "hi", "--drafter", Repository.Golden("tiny-assistant")] },
        { "--assume-acceptance 1.5: expected a number from 0 to 1", ["bench", "--assume-acceptance", "1.5"] },
        { "--assume-acceptance 0.8: expected a drafter, but there is none (off by --drafter off)", ["bench", "--assume-acceptance", "0.8", "--drafter", "off", "--device", "cpu"] },
        { "'--to' is required", ["quantize", "--out", "x"] },
        { "--to int3: expected int4 or int8", ["quantize", "--to", "int3", "--out", "x"] },
        { "--out is empty", ["quantize", "--to", "int4", "--out", ""] },
        { "--out x.gguf: expected a folder to write", ["quantize", "--to", "int4", "--out", "x.gguf"] },
        { "generated-6, generated-48, assistant", ["make-checkpoint", "pebble", "--out", "x"] },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_mistake_is_one_sentence(string sentence, string[] args)
    {
        CommandRun run = CommandRun.Of(args);
        Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Code);
        Assert.StartsWith("gemmavk: ", run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.TrimEnd().Split('\n'));
        Assert.Equal("", run.Out);
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_refused_in_files_and_on_standard_input()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["latin1.txt"], [0x63, 0x61, 0x66, 0xE9]);
        CommandRun file = CommandRun.Of("generate", "--file", folder["latin1.txt"]);
        Assert.Equal(1, file.Code);
        Assert.Contains("latin1.txt: expected UTF-8 text, but byte 3", file.Error, StringComparison.Ordinal);
        CommandRun input = CommandRun.WithBytes([0xFF], "generate");
        Assert.Equal(1, input.Code);
        Assert.Contains("standard input: expected UTF-8 text", input.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_is_a_file_or_a_gguf_says_so()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["m.gguf"], [.. "GGUF"u8, 3, 0, 0, 0]);
        CommandRun gguf = CommandRun.Of("generate", "hi", "--model", folder["m.gguf"]);
        Assert.Equal(1, gguf.Code);
        Assert.Contains("m.gguf must be at least 24 bytes long", gguf.Error, StringComparison.Ordinal);
        CommandRun file = CommandRun.Of("generate", "hi", "--model", Path.Combine(Repository.Pebble, "config.json"));
        Assert.Equal(1, file.Code);
        Assert.Contains("must be a folder or a GGUF file, but is a file of another kind", file.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_without_tokenizer_cannot_take_text()
    {
        CommandRun run = CommandRun.Of("generate", "hi", "--model", Repository.Golden("tiny"), "--device", "cpu");
        Assert.Equal(1, run.Code);
        Assert.Contains("has no tokenizer.json", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_stack_of_an_error_is_shown_only_with_verbose()
    {
        string[] command = ["generate", "hi", "--model", "nowhere"];
        Assert.DoesNotContain("   at ", CommandRun.Of(command).Error, StringComparison.Ordinal);
        Assert.Contains("   at ", CommandRun.Of([.. command, "--verbose"]).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--restore 5000: expected less than 4096 tokens", "--restore", "5000")]
    [InlineData("-d 4095 and the 2 positions behind it that -p, -n or --verify take: expected at most 4096 positions together", "-d", "4095", "-n", "1", "-p", "0")]
    public void A_measurement_that_does_not_fit_blames_its_own_flag(string sentence, params string[] flags) =>
        Assert.Contains(sentence, CommandRun.Of(["bench", "--device", "cpu", "--drafter", "off", .. flags]).Error, StringComparison.Ordinal);

    /// <summary>As the runtime throws it where a file of the program is gone, or where no more files may be opened.</summary>
    [Fact]
    public void A_part_of_the_program_that_cannot_be_loaded_is_named_and_the_file_of_a_user_is_not_taken_for_one()
    {
        (int code, string error) = Ends(new TypeInitializationException("X", new FileNotFoundException("Could not load file or assembly.", "GemmaVk.Grammar, Version=1.0.0.0, Culture=neutral")));
        Assert.Equal(2, code);
        Assert.Contains("GemmaVk.Grammar.dll, a file of this program, cannot be opened: let the process open more files (ulimit -n)", error, StringComparison.Ordinal);
        Assert.Contains("reading or writing failed: no such file", Ends(new FileNotFoundException("no such file", "a, b, c.txt")).Error, StringComparison.Ordinal);

        static (int Code, string Error) Ends(Exception thrown)
        {
            StringWriter error = new();
            using Terminals.Terminal terminal = new() { In = Stream.Null, Out = TextWriter.Null, Error = error };
            return (CommandLine.Run(["plan"], terminal, before: () => throw thrown), error.ToString());
        }
    }

    [Fact]
    public void Text_that_begins_with_a_dash_is_a_prompt_where_it_cannot_be_a_flag()
    {
        Assert.Equal(0, CommandRun.Of("generate", "-5 plus 3?", "--max-tokens", "1", "--device", "cpu").Code);
        Assert.Equal(0, CommandRun.Of("generate", "--max-tokens", "1", "--device", "cpu", "--", "--hello").Code);
        Assert.Equal(0, CommandRun.Of("generate", "@home", "--max-tokens", "1", "--device", "cpu").Code);
    }
}
