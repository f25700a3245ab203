using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using GemmaVk.Cli.Options;
using GemmaVk.Cli.Reading;
using GemmaVk.Cli.Terminals;
using GemmaVk.Documents.Answers;
using GemmaVk.Model;
using GemmaVk.Runtime;
using GemmaVk.Tensors;
using GemmaVk.Text;

namespace GemmaVk.Cli.Prompting;

/// <summary>A question with its pictures, sounds and clips, and how it is put to the model.</summary>
/// <param name="Text">The question, with markers or without.</param>
/// <param name="Marker">What stands for an item.</param>
/// <param name="Media">The items, in order.</param>
internal sealed record MediaPrompt(string Text, string Marker, IReadOnlyList<LoadedMedia> Media)
{
    /// <summary>What documents put in front of it.</summary>
    public IReadOnlyList<MessagePart> Front { get; init; } = [];

    /// <summary>Looks for more in the documents while the model answers.</summary>
    public SearchTool? Tool { get; init; }

    // A model that reads the picture needs some room to speak about it.
    private const int LeastAnswer = 16;

    /// <summary>Reads files, before a model is loaded for them.</summary>
    /// <param name="given">Files in order.</param>
    /// <param name="loader">Reads them.</param>
    /// <param name="terminal">Its input is what - names; notes go to standard error.</param>
    /// <param name="cancel">Ends reading.</param>
    /// <exception cref="GemmaVkException">A file cannot be taken, or standard input is wanted twice.</exception>
    public static List<LoadedMedia> Read(IReadOnlyList<GivenMedia> given, MediaLoader loader, Terminal terminal, CancellationToken cancel)
    {
        if (given.Count(item => item.Path == "-") > 1)
        {
            throw new GemmaVkException("-: expected standard input for one picture, sound or clip, but it is given for several; put the others into files.");
        }

        List<LoadedMedia> media = [];
        foreach (GivenMedia item in given)
        {
            LoadedMedia loaded = item.Path == "-" ? OfInput(item, loader, terminal, cancel) : Named(item, () => loader.Load(item.Kind, item.Path, cancel));
            if (loaded.Note is { } note)
            {
                terminal.Error.WriteLine($"{loaded.Name}: {loaded.Source}; {note}");
            }

            media.Add(loaded);
        }

        return media;
    }

    /// <summary>The parts of the message.</summary>
    /// <param name="soundFirst">Sounds without a marker come before the text.</param>
    /// <exception cref="GemmaVkException">Markers and items do not match.</exception>
    public IReadOnlyList<MessagePart> Parts(bool soundFirst) => [.. Front, .. PromptMarkers.Parts(Text, Marker, Media, soundFirst)];

    /// <summary>Puts the question in a conversation of its own; where the context is too small, part by part.</summary>
    /// <param name="engine">The model.</param>
    /// <param name="context">Most positions.</param>
    /// <param name="options">How to answer.</param>
    /// <param name="terminal">Where it is said that it is taken in parts.</param>
    /// <param name="onDelta">Called with what each token adds.</param>
    /// <param name="then">What comes of the answer in its conversation, such as results of its calls; or null.</param>
    /// <param name="cancel">Ends the answer.</param>
    public Answer Ask(
        GemmaEngine engine, int context, AskOptions options, Terminal terminal, Action<ResponseDelta> onDelta, Func<GemmaSession, Answer, Answer>? then, CancellationToken cancel)
    {
        RollingAnswer rolling = new(engine, context);
        int tokens = rolling.Tokens(Media, string.Concat(Front.Select(part => part.Text)) + Text + options.System);
        if (Media.Count == 0 || tokens + LeastAnswer <= context)
        {
            using GemmaSession session = engine.NewSession(context);
            Answer answer = Media.Count + Front.Count == 0 ? session.Ask(Text, options, onDelta, cancel) : session.Ask(Parts(engine.Model.Config.Processor.AudioBeforeText), options, onDelta, cancel);
            answer = SearchRounds.Complete(session, answer, Tool, options, onDelta, terminal, cancel);
            return then?.Invoke(session, answer) ?? answer;
        }

        if (!RollingAnswer.CanSplit(Media) || Front.Count > 0)
        {
            throw TooLong(tokens, context);
        }

        string question = string.Join(' ', PromptMarkers.Split(Text, Marker, Media.Count)).Trim();
        int parts = rolling.Parts(Media, question);
        terminal.Error.WriteLine(
            $"{Sizes()} are more than the context of {context} tokens holds: taken in {parts} parts, each with a summary of those before. A larger --context sees all at once.");
        int done = 0;
        return rolling.Ask(Media, question, options, summary => terminal.Error.WriteLine($"part {++done} of {parts}: {summary}"), onDelta, cancel);
    }

    private GemmaVkException TooLong(int tokens, int context) => new(
        $"the prompt takes about {tokens} tokens ({Sizes()}), but --context is {context}: expected some room for an answer too; "
        + "raise --context, or lower --image-tokens, --video-frames or --max-audio.");

    private string Sizes() => string.Join(", ", Media.Select(item => string.Create(CultureInfo.InvariantCulture, $"{item.Name} with {item.Tokens} tokens")));

    private static LoadedMedia OfInput(GivenMedia item, MediaLoader loader, Terminal terminal, CancellationToken cancel) => terminal.InIsRedirected
        ? Named(item, () => loader.Load(item.Kind, terminal.In, "standard input", cancel))
        : throw new GemmaVkException($"{item.Flag} -: expected a file on standard input, but a keyboard is there; pipe one in, or give a path.");

    private static LoadedMedia Named(GivenMedia item, Func<LoadedMedia> load)
    {
        try
        {
            return load();
        }
        catch (GemmaVkException error)
        {
            throw new GemmaVkException($"{item.Flag}: {error.Message}", error);
        }
    }
}
