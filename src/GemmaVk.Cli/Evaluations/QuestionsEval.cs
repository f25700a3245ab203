using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using GemmaVk.Cli.Instruments;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Terminals;
using GemmaVk.Evaluation.Endpoints;
using GemmaVk.Evaluation.Questions;
using GemmaVk.Evaluation.Records;
using GemmaVk.Evaluation.Reports;
using GemmaVk.Evaluation.Subjects;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Cli.Evaluations;

/// <summary>Asks questions, of a model in this program or of a server.</summary>
internal sealed class QuestionsEval(EvalOptions options, EndpointFlags endpoint, LocalModel model, ulong seed, EvalOutput output)
{
    private const int UsualSessions = 4;
    private const int UsualTokens = 1024;

    /// <summary>Does it.</summary>
    /// <returns>1 where lines were left out or questions could not be asked; what could be is reported all the same.</returns>
    /// <exception cref="GemmaVkException">A file or a flag is wrong, or the server is gone.</exception>
    public int Run(ParseResult parsed, Surroundings surroundings)
    {
        string path = parsed.GetValue(options.Questions)!;
        if (parsed.GetValue(options.Out) is { Length: 0 })
        {
            throw new GemmaVkException("--out is empty: expected a file to write; give one.");
        }

        Server? server = parsed.GetValue(endpoint.Address) is null ? null : new Server(Options(parsed));
        QuestionFile file = QuestionFile.Read(path);
        foreach (string line in file.LeftOut)
        {
            surroundings.Terminal.Error.WriteLine($"Left out: {VisibleText.Sentence(line)}.");
        }

        int sessions = options.Sessions.Read(parsed) ?? UsualSessions;
        using (server)
        {
            return server is null ? Local(parsed, surroundings, path, file, sessions) : Remote(parsed, surroundings, path, file, server, sessions);
        }
    }

    private int Local(ParseResult parsed, Surroundings surroundings, string path, QuestionFile file, int sessions)
    {
        MediaLoader loader = model.Loader(parsed);
        bool sees = file.Questions.Any(question => question.Messages.Any(message => message.Parts.Any(part => part.Kind != ChatPartKind.Text)));
        EngineOptions load = new() { Model = model.Folder(parsed), Context = options.Context.Read(parsed), Sessions = sessions, ImageTokens = sees ? loader.LargestPicture : 0 };
        using GemmaEngine engine = model.Load(parsed, surroundings, load, out Dictionary<string, string> origin);
        using EngineSubject subject = new(engine, loader, options.MaxTokens.Read(parsed) ?? UsualTokens);
        return Ask(parsed, surroundings.Terminal, path, file, subject, sessions, engine.ModelName, origin);
    }

    private int Remote(ParseResult parsed, Surroundings surroundings, string path, QuestionFile file, Server server, int sessions)
    {
        string name;
        using (Interruption.Listener interruption = surroundings.Terminal.Interruption.Listen())
        {
            name = server.Endpoint.ModelAsync(interruption.Token).GetAwaiter().GetResult();
        }

        EndpointSubject subject = new(server.Endpoint, server.Options, name, options.MaxTokens.Read(parsed) ?? UsualTokens);
        Dictionary<string, string> origin = new() { ["program"] = Provenance.Program, ["system"] = Provenance.System, ["endpoint"] = server.Endpoint.Address.ToString() };
        return Ask(parsed, surroundings.Terminal, path, file, subject, sessions, name, origin);
    }

    private int Ask(
        ParseResult parsed, Terminal terminal, string path, QuestionFile file, ISubject subject, int sessions, string name, Dictionary<string, string> origin)
    {
        origin["max_tokens"] = FormattableString.Invariant($"{options.MaxTokens.Read(parsed) ?? UsualTokens}");
        string? kept = parsed.GetValue(options.Out);
        using RecordFile? records = kept is null ? null : RecordFile.Open(kept, name, origin);
        if (records is { Records.Count: > 0 })
        {
            terminal.Error.WriteLine($"{kept} has {records.Records.Count} records: the rest is asked.");
        }

        QuestionRun run;
        using (Interruption.Listener interruption = terminal.Interruption.Listen())
        using (CountLine line = new(terminal, "questions"))
        {
            try
            {
                run = QuestionRun.Of(file.Questions, subject, sessions, records, line.Show, interruption.Token).GetAwaiter().GetResult();
            }
            catch (OperationCanceledException) when (kept is not null)
            {
                terminal.Error.WriteLine($"What was answered is in {kept}: the same command goes on from there.");
                throw;
            }
        }

        output.Write(new EvalReport($"{name} on {Path.GetFileName(path)}", origin) { Run = run, LeftOut = file.LeftOut, Tasks = TaskSummary.Of(run.Records, seed) });
        foreach (string sentence in run.Failed)
        {
            terminal.Error.WriteLine($"Not asked: {VisibleText.Sentence(sentence)}");
        }

        return run.Failed.Count + file.LeftOut.Count > 0 ? ExitCode.UserError : ExitCode.Done;
    }

    private EndpointOptions Options(ParseResult parsed)
    {
        string given = parsed.GetValue(endpoint.Address)!;
        if (!Uri.TryCreate(given, UriKind.Absolute, out Uri? address))
        {
            throw new GemmaVkException($"--endpoint {given}: expected an address, such as http://127.0.0.1:11435/v1; give one.");
        }

        string? key = null;
        if (parsed.GetValue(endpoint.KeyVariable) is { } variable)
        {
            key = variable.Length > 0 && Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
                ? value
                : throw new GemmaVkException($"--endpoint-key-env {variable}: expected an environment variable with the key, but it is not set; set it, or drop the flag.");
        }

        return new EndpointOptions(address)
        {
            Key = key,
            Model = parsed.GetValue(endpoint.Model),
            GemmaTurns = endpoint.Turns.Read(parsed) == "gemma4",
            Timeout = TimeSpan.FromSeconds(endpoint.Timeout.Read(parsed) ?? 300),
        };
    }

    /// <summary>A server and how it is asked.</summary>
    private sealed class Server(EndpointOptions options) : IDisposable
    {
        public EndpointOptions Options => options;

        public Endpoint Endpoint { get; } = new(options);

        public void Dispose() => Endpoint.Dispose();
    }
}
