using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Xunit;

namespace GemmaVk.Cli.Tests;

/// <summary>The file that tools/publish makes does what the program does that is compiled while it runs.</summary>
public sealed class NativeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Command lines whose output, errors and exit code are the same.</summary>
    private static readonly string[] Alike =
    [
        "--help",
        "",
        "frobnicate",
        "generat hi",
        "generate --tempature 1 hi",
        "generate --model nowhere hi",
        "generate --max-tokens none hi",
        "generate --device 99 hi",
        "generate --json-schema nowhere.json hi",
        "generate --image nowhere.png hi",
        "generate --document nowhere.pdf hi",
        "generate --mcp nowhere.json --device cpu hi",
        "generate --route nowhere.json --device cpu hi",
        "eval",
        "golden list",
        "kernels list",
        "kernels bench Rop",
        "plan --json --device cpu --device-memory 8GiB",
        "inspect weights/pebble",
        "inspect --json weights/pebble",
        "inspect weights/examples/picture-1.png",
        "inspect weights/examples/sound-1.wav",
        "schema --regex '[a-c]+' --json",
        "privacy --json --host 0.0.0.0",
        "generate --device cpu --temperature 0 'What is the capital of Japan?'",
        "generate --device cpu --temperature 0 --think 'What is 47 + 85?'",
        "generate --device cpu --temperature 0.7 --seed 5 'Tell me a story.'",
        "generate --device cpu --temperature 0 --image weights/examples/picture-1.png 'How many shapes are there?'",
        "transcribe --device cpu weights/examples/sound-1.wav",
        "generate --device cpu --temperature 0 --regex '[a-z]{3,9}' Hi",
        "generate --device cpu --temperature 0 --tool calculator,date 'What is 2 + 3?'",
        "generate --device cpu --temperature 0 --document README.md 'What is the default model?'",
        "generate --device cpu --temperature 0 --kv int8 --weights int4 --drafter off 'What is the capital of Japan?'",
        "printf 'What are you?\\nCount from one to three.\\n' | gemmavk chat --device cpu --temperature 0",
    ];

    public void Dispose() => _folder.Dispose();

    [NativeFact]
    public void It_says_and_does_the_same()
    {
        List<string> differ = [];
        foreach (string line in Alike.Concat(CommandRun.Of("--help").Text().Split('\n').Where(each => Regex.IsMatch(each, "^  [a-z-]+  ")).Select(each => $"{each.Trim().Split(' ')[0]} --help-all")))
        {
            string command = line.Contains("gemmavk ", StringComparison.Ordinal) ? line : $"gemmavk {line}";
            (ShellRun native, ShellRun usual) = (Native(command), ShellRun.Of(command, Repository.Root));
            if (native.Code != usual.Code || Steady(native.Out) != Steady(usual.Out) || Steady(native.Error) != Steady(usual.Error))
            {
                differ.Add($"{line}\nnative ({native.Code}): {native.Out}{native.Error}\nusual ({usual.Code}): {usual.Out}{usual.Error}");
            }
        }

        Assert.True(differ.Count == 0, string.Join("\n---\n", differ));
    }

    [NativeFact]
    public void It_answers_the_questions_that_were_held_back_alike()
    {
        ShellRun native = Native($"gemmavk eval weights/tasks/pebble.jsonl --device cpu --json --out {_folder["native.jsonl"]}");
        Assert.True(native.Code == 0, native.Error);
        ShellRun usual = ShellRun.Of($"gemmavk eval weights/tasks/pebble.jsonl --device cpu --json --out {_folder["usual.jsonl"]}", Repository.Root);
        Assert.True(usual.Code == 0, usual.Error);
        string[] Answers(string name) => [.. Regex.Matches(File.ReadAllText(_folder[name]), "\"answer\": ?(\"(?:[^\"\\\\]|\\\\.)*\")").Select(match => match.Value)];
        Assert.NotEmpty(Answers("usual.jsonl"));
        Assert.Equal(Answers("usual.jsonl").Order(), Answers("native.jsonl").Order());

        // All kernels in every vector width that the file has, and the published answers, with and without drafts.
        ShellRun verified = Native("gemmavk verify --quick --device cpu");
        Assert.True(verified.Code == 0, verified.Out + verified.Error);
    }

    [NativeFact]
    public void What_it_writes_is_the_same_to_the_byte()
    {
        string[] lines =
        [
            "gemmavk quantize --to int8 weights/pebble OUT/int8",
            "gemmavk convert --to gguf weights/pebble OUT/pebble.gguf",
            "gemmavk convert --to safetensors OUT/pebble.gguf OUT/back",
            // The file is compiled for AVX2: so is the other program, for once. Without its machine code, and with that of wider vectors, which the file takes
            // by itself where the processor has it.
            "DOTNET_EnableAVX512=0 GEMMAVK_MACHINE_CODE=off gemmavk trace --device cpu -o OUT/trace.safetensors --prompt Hello",
            "! grep -qs avx512_vnni /proc/cpuinfo || DOTNET_EnableAVX512=0 GEMMAVK_MACHINE_CODE=vnni gemmavk trace --device cpu -o OUT/wide.safetensors --prompt Hello",
            "printf 'What are you?\\n/save OUT/talk.json\\n' | gemmavk chat --device cpu --temperature 0",
        ];
        foreach (string line in lines)
        {
            foreach (string form in (string[])["native", "usual"])
            {
                Directory.CreateDirectory(_folder[form]);
                string command = line.Replace("OUT", _folder[form], StringComparison.Ordinal);
                ShellRun run = form == "native" ? Native(command) : ShellRun.Of(command, Repository.Root);
                Assert.True(run.Code == 0, $"{form}: {command}: {run.Error}");
            }
        }

        string[] files = [.. Directory.EnumerateFiles(_folder["usual"], "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_folder["usual"], file)).Order()];
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.True(File.ReadAllBytes(_folder[$"usual/{file}"]).AsSpan().SequenceEqual(File.ReadAllBytes(_folder[$"native/{file}"])), $"{file} differs"));
    }

    [NativeFact]
    public void It_reads_documents_and_keeps_a_conversation()
    {
        _folder.Write("docs/world.md", "# Hens\n\nThe hen sleeps near the castle.");
        ShellRun index = Native($"gemmavk index '{_folder["docs"]}' --find hen --json");
        Assert.True(index.Code == 0, index.Error);
        Assert.Contains("The hen sleeps near the castle.", index.Out, StringComparison.Ordinal);
        ShellRun page = Native($"gemmavk index '{Path.GetDirectoryName(_folder.Write("pdf/fox.pdf", Pdf("The fox lives in the green house.")))}' --find fox --json");
        Assert.Contains("The fox lives in the green house.", page.Out, StringComparison.Ordinal);
        string session = _folder["talk.session"];
        ShellRun first = Native($"printf 'My name is Ana.\\n' | gemmavk chat --device cpu --temperature 0 --session '{session}'");
        Assert.True(first.Code == 0 && File.Exists(session), first.Error);
        Assert.Equal(0, Native($"printf 'What is my name?\\n' | gemmavk chat --device cpu --temperature 0 --session '{session}'").Code);
    }

    [NativeFact]
    public async Task It_serves()
    {
        using Process server = ShellRun.Start($"exec '{NativeFactAttribute.Program}' serve --device cpu --port 0 --context 512 --tool calculator", Repository.Root);
        try
        {
            string line = (await server.StandardOutput.ReadLineAsync())!;
            string address = Regex.Match(line, "http://[0-9.]+:[0-9]+/").Value;
            using HttpClient client = new() { BaseAddress = new Uri(address) };
            Assert.Contains("pebble", await client.GetStringAsync("v1/models"), StringComparison.Ordinal);
            Assert.Contains("<html", await client.GetStringAsync(""), StringComparison.Ordinal);
            Assert.Contains("gemmavk", await client.GetStringAsync("metrics"), StringComparison.Ordinal);
            using StringContent body = new("""{"model":"pebble","temperature":0,"messages":[{"role":"user","content":"What is the capital of Japan?"}]}""", Encoding.UTF8, "application/json");
            string answer = await (await client.PostAsync("v1/chat/completions", body)).Content.ReadAsStringAsync();
            Assert.Contains("The capital of Japan is Tokyo.", answer, StringComparison.Ordinal);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
        }
    }

    [NativeFact]
    public void It_speaks_MCP()
    {
        string[] messages =
        [
            """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}""",
            """{"jsonrpc":"2.0","method":"notifications/initialized"}""",
            """{"jsonrpc":"2.0","id":2,"method":"tools/list"}""",
            """{"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"ask","arguments":{"question":"What is the capital of Japan?"}}}""",
        ];
        string file = _folder.Write("messages", string.Join('\n', messages) + "\n");
        ShellRun run = Native($"(cat '{file}'; sleep 4) | gemmavk mcp --device cpu");
        Assert.Contains("describe_picture", run.Out, StringComparison.Ordinal);
        Assert.Contains("\"id\":3", run.Out, StringComparison.Ordinal);
        Assert.Contains("Tokyo", run.Out, StringComparison.Ordinal);
    }

    /// <summary>A page with one line.</summary>
    private static string Pdf(string line)
    {
        string drawn = $"BT /F1 12 Tf 72 700 Td ({line}) Tj ET";
        string[] objects =
        [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
            $"<< /Length {drawn.Length} >>\nstream\n{drawn}\nendstream",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        ];
        StringBuilder pdf = new("%PDF-1.4\n");
        List<int> places = [];
        for (int i = 0; i < objects.Length; i++)
        {
            places.Add(pdf.Length);
            pdf.Append($"{i + 1} 0 obj\n{objects[i]}\nendobj\n");
        }

        int table = pdf.Length;
        pdf.Append($"xref\n0 {objects.Length + 1}\n0000000000 65535 f \n{string.Concat(places.Select(place => $"{place:D10} 00000 n \n"))}");
        return pdf.Append($"trailer\n<< /Size {objects.Length + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n").ToString();
    }

    private static ShellRun Native(string line) => ShellRun.Of($"gemmavk() {{ '{NativeFactAttribute.Program}' \"$@\"; }}\n{line}", Repository.Root);

    /// <summary>Without figures of time and memory, which differ from run to run.</summary>
    private static string Steady(string text) => Regex.Replace(text, @"\d+([.,]\d+)?( ?(ms|s|MB|GB|MiB|GiB|GB/s|tokens/s))\b", "N$2");
}
