using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading;
using GemmaVk.Documents.Index;
using GemmaVk.Documents.Search;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using static System.FormattableString;

namespace GemmaVk.Documents.Answers;

/// <summary>
/// Documents and a folder that a conversation answers from. What fits the context is given whole, once; of the rest each question gets the passages that fit it best, or a
/// summary of all. What is done is said before the model takes it in. One thread at a time.
/// </summary>
/// <param name="engine">The model; its tokens are counted.</param>
/// <param name="context">Most positions of the conversation.</param>
/// <param name="say">Gets a sentence about what is given and what is not.</param>
public sealed class DocumentDesk(GemmaEngine engine, int context, Action<string> say) : IDisposable
{
    /// <summary>Most tokens of passages that are looked up for one question.</summary>
    public const int MostFound = 8192;

    private const int Candidates = 40;
    private const int Turns = 64;

    private readonly List<OpenDocument> _documents = [];
    private readonly List<(int Turn, Passage Passage)> _given = [];
    private PassageStore? _store;
    private IPassageFinder? _folder;
    private bool _ranks = true;
    private int _turn;
    private (Attribution Attribution, string Question, int Given, int Found)? _attribution;

    /// <summary>Whether what does not fit is summarised rather than searched.</summary>
    public bool Summarises { get; init; }

    /// <summary>Whether the model ranks what words have found.</summary>
    public bool Ranks { get => _ranks; init => _ranks = value; }

    /// <summary>Draws pages without text; null leaves them out, with a sentence.</summary>
    public MediaLoader? Loader { get; init; }

    /// <summary>Whether there is anything to answer from.</summary>
    public bool IsEmpty => _documents.Count == 0 && _folder is null;

    /// <summary>The tool that looks for more, or null where there is nothing to look in.</summary>
    public SearchTool? Tool { get; private set; }

    /// <summary>Takes a document: it goes with the next question.</summary>
    /// <exception cref="GemmaVkException">It has nothing to read, or its pages cannot be drawn.</exception>
    public void Add(Document document, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(document);
        IReadOnlyList<Passage> passages = PassageCutter.Cut(document);
        IReadOnlyList<(int Page, LoadedMedia Picture)> pictures = Loader is not null && document.Source is not null ? PagePictures.Of(document, Loader, DocumentLimits.Default, cancel) : [];
        if (passages.Count == 0 && pictures.Count == 0)
        {
            throw new GemmaVkException($"{document.Name}: expected text, but it has none{(document.Wordless.Count > 0 ? " (its pages are pictures)" : "")}; give a document with text, or pictures of its pages.");
        }

        OpenDocument open = new(document, passages, pictures, Count(QuotedPassages.Of(passages)) + pictures.Sum(each => each.Picture.Tokens + Turns));
        _documents.Add(open);
        string pages = document.Pages > 0 ? Invariant($", {document.Pages} page{(document.Pages == 1 ? "" : "s")}") : "";
        string drawn = document.Wordless.Count == 0 ? "" : pictures.Count > 0
            ? Invariant($"; {Pdf.PdfText.Numbers([.. pictures.Select(each => each.Page)])} without text as pictures{(pictures.Count < document.Wordless.Count ? Invariant($", {document.Wordless.Count - pictures.Count} more left out") : "")}")
            : $"; {Pdf.PdfText.Numbers(document.Wordless)} have no text and are left out";
        say(Invariant($"{document.Name}: {document.Kind.ToString().ToUpperInvariant()}{pages}, {open.Tokens:N0} tokens{drawn}{string.Concat(document.Notes.Select(note => "; " + note))}."));
    }

    /// <summary>Takes a folder's index, or another finder: each question gets passages of it.</summary>
    public void Open(IPassageFinder folder)
    {
        _folder = folder;
        Tool = new SearchTool(Search(folder));
    }

    /// <summary>What goes in front of a question.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="used">Positions that the conversation has taken, and what else is to be said in this turn.</param>
    /// <param name="options">How to draw, for summaries.</param>
    /// <param name="cancel">Ends it.</param>
    /// <param name="turn">How many turns were said before: <see cref="Forget"/> takes back from there.</param>
    /// <exception cref="GemmaVkException">The context has no room for a single passage.</exception>
    public DocumentTurn Front(string question, int used, AskOptions options, int turn = 0, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        Forget(turn);
        _turn = turn;
        int room = context - used - Count(question) - Turns - Math.Min(1024, context / 4);
        List<MessagePart> parts = [];
        OpenDocument[] fresh = [.. _documents.Where(open => open.Given is null)];
        if (fresh.Length > 0 && fresh.Sum(open => open.Tokens) <= room)
        {
            Array.ForEach(fresh, open => Give(open, parts));
            room -= fresh.Sum(open => open.Tokens);
            fresh = [];
        }

        if (fresh.Length > 0 && Summarises)
        {
            Summarise(fresh, question, options, parts, cancel);
        }
        else if (fresh.Length > 0)
        {
            say(Invariant($"{string.Join(", ", fresh.Select(open => open.Document.Name))}: {fresh.Sum(open => open.Tokens):N0} tokens are more than the context of {context:N0} holds with the rest, so passages are looked up for the question (--long-documents summary reads all in parts)."));
            Retrieve(Search(Store()), question, Math.Min(MostFound, room), parts, cancel);
        }

        if (_folder is not null)
        {
            Retrieve(Search(_folder), question, Math.Min(MostFound, room), parts, cancel);
        }

        if (parts.Count > 0)
        {
            parts.Insert(0, MessagePart.Words(QuotedPassages.Before + "\n\n"));
            parts.Add(MessagePart.Words($"\n{QuotedPassages.After}\n\n"));
        }

        return new DocumentTurn(parts, [.. _given.Select(each => each.Passage).Distinct()]);
    }

    /// <summary>Forgets what was given in a turn and those after it, because they were taken back; the documents stay.</summary>
    public void Forget(int turn)
    {
        _attribution = null;
        _given.RemoveAll(each => each.Turn >= turn);
        foreach (OpenDocument open in _documents.Where(open => open.Given >= turn))
        {
            open.Given = null;
        }
    }

    /// <summary>Notes that the oldest turns are in the context no more, and says which documents went with them: the next question gets those again.</summary>
    /// <param name="turns">How many of all that were said.</param>
    public void Drop(int turns)
    {
        _attribution = null;
        _given.RemoveAll(each => each.Turn < turns);
        OpenDocument[] gone = [.. _documents.Where(open => open.Given < turns)];
        if (gone.Length > 0)
        {
            Array.ForEach(gone, open => open.Given = null);
            say($"{string.Join(", ", gone.Select(open => open.Document.Name))}: given whole in a turn that is forgotten now, and forgotten with it; your next question gets it again, or passages of it.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _store?.Dispose();

    /// <summary>How sentences of an answer are attributed: to all that was given, and all that the tool found.</summary>
    public Attribution Attribution(string question)
    {
        int found = Tool?.Found.Count ?? 0;
        if (_attribution is not { } known || known.Question != question || known.Given != _given.Count || known.Found != found)
        {
            known = (new Attribution([.. _given.Select(each => each.Passage).Concat(Tool?.Found ?? []).Distinct()], question), question, _given.Count, found);
            _attribution = known;
        }

        return known.Attribution;
    }

    private void Give(OpenDocument open, List<MessagePart> parts)
    {
        StringBuilder text = new();
        Queue<(int Page, LoadedMedia Picture)> pictures = new(open.Pictures);
        void Draw(int before)
        {
            while (pictures.TryPeek(out (int Page, LoadedMedia Picture) next) && next.Page < before)
            {
                parts.Add(MessagePart.Words($"{text}\n{new Passage(open.Document.Name, next.Page, "", "").Mark}\n"));
                text.Clear();
                parts.AddRange(pictures.Dequeue().Picture.Parts);
            }
        }

        foreach (Passage passage in open.Passages)
        {
            Draw(passage.Page ?? 0);
            text.Append(text.Length > 0 ? "\n" : "").Append(QuotedPassages.Of(passage));
        }

        Draw(int.MaxValue);
        if (text.Length > 0)
        {
            parts.Add(MessagePart.Words(text.ToString()));
        }

        open.Given = _turn;
        Note(open.Passages);
    }

    private void Note(IReadOnlyList<Passage> passages)
    {
        // Once for each turn: one that is forgotten must not take the passage from another.
        HashSet<Passage> known = [.. _given.Where(each => each.Turn == _turn).Select(each => each.Passage)];
        _given.AddRange(passages.Where(known.Add).Select(passage => (_turn, passage)));
    }

    private void Retrieve(PassageSearch search, string question, int room, List<MessagePart> parts, CancellationToken cancel)
    {
        IReadOnlyList<FoundPassage> found = Found(search, question, cancel);
        List<Passage> taken = [];
        int tokens = 0;
        foreach (FoundPassage each in found)
        {
            int more = Count(QuotedPassages.Of(each.Passage)) + 1;
            if (tokens + more <= room)
            {
                taken.Add(each.Passage);
                tokens += more;
            }
        }

        if (found.Count > 0 && taken.Count == 0)
        {
            throw new GemmaVkException(Invariant($"documents: expected room for one passage at least, but --context {context} leaves {Math.Max(0, room)} tokens; raise --context."));
        }

        say(taken.Count == 0 ? "No passage has a word of the question: the model answers without the documents."
            : Invariant($"{taken.Count} passage{(taken.Count == 1 ? "" : "s")} with {tokens:N0} tokens for the question: {string.Join(" ", taken.Select(passage => passage.Mark).Distinct())}"));
        if (taken.Count > 0)
        {
            parts.Add(MessagePart.Words(QuotedPassages.Of(taken)));
            Note(taken);
        }
    }

    private IReadOnlyList<FoundPassage> Found(PassageSearch search, string question, CancellationToken cancel)
    {
        try
        {
            IReadOnlyList<FoundPassage> found = search.FindAsync(question, Candidates, cancel).GetAwaiter().GetResult();
            if (search.IsUninformed)
            {
                _ranks = false;
                say("The model finds the question less likely than chance behind every passage, so it cannot rank them: the order is that of their words.");
            }

            return found;
        }
        catch (EngineBusyException)
        {
            _ranks = false;
            say("The memory has no room for a session beside the conversation, so passages are ranked by words alone (--rank words says so beforehand).");
            return new PassageSearch(_folder ?? Store()).FindAsync(question, Candidates, cancel).GetAwaiter().GetResult();
        }
    }

    private void Summarise(OpenDocument[] fresh, string question, AskOptions options, List<MessagePart> parts, CancellationToken cancel)
    {
        Passage[] passages = [.. fresh.SelectMany(open => open.Passages)];
        RollingSummary rolling = new(engine, context);
        say(Invariant($"{string.Join(", ", fresh.Select(open => open.Document.Name))}: {fresh.Sum(open => open.Tokens):N0} tokens are more than the context of {context:N0} holds with the rest: read in {rolling.Parts(passages, question)} parts, each with a summary of those before."));
        string summary = rolling.Of(passages, question, options, (part, of, text) => say(Invariant($"part {part} of {of}: {text}")), cancel);
        parts.Add(MessagePart.Words($"> {summary.ReplaceLineEndings("\n> ")}\n"));
        Note(passages);
    }

    private PassageSearch Search(IPassageFinder finder) => new(finder, Ranks ? new LikelihoodRanking(engine) : null);

    private PassageStore Store()
    {
        _store ??= PassageStore.Open(null);
        foreach (OpenDocument open in _documents.Where(open => !open.IsIndexed))
        {
            _store.Add(open.Document.Name, open.Passages);
            open.IsIndexed = true;
        }

        return _store;
    }

    private int Count(string text) => engine.Tokenizer.Encode(text, specials: false).Length;

    private sealed record OpenDocument(Document Document, IReadOnlyList<Passage> Passages, IReadOnlyList<(int Page, LoadedMedia Picture)> Pictures, int Tokens)
    {
        /// <summary>The turn in which all of it was said, or null.</summary>
        public int? Given { get; set; }

        public bool IsIndexed { get; set; }
    }
}
