using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Evaluation.Questions;
using GemmaVk.Media;
using GemmaVk.Runtime.Logits;
using GemmaVk.Runtime.Sessions;
using GemmaVk.Tensors;
using GemmaVk.Text;
using GemmaVk.Transcripts;

namespace GemmaVk.Evaluation.Subjects;

/// <summary>A model in this process; as many questions run side by side as it has sessions.</summary>
/// <param name="engine">The model; stays the caller's.</param>
/// <param name="loader">Reads pictures, sounds and clips.</param>
/// <param name="maxTokens">Most tokens of an answer where its question does not say.</param>
/// <param name="context">Most positions of a question and its answer, or null for the engine's.</param>
public sealed class EngineSubject(GemmaEngine engine, MediaLoader loader, int? maxTokens = null, int? context = null) : ISubject, IDisposable
{
    private static readonly DrawOptions Greedy = new(Temperature: 0);
    private readonly PooledAnswers _answers = new(engine, context);

    /// <inheritdoc/>
    public async Task<GivenAnswer> AnswerAsync(Question question, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(question);
        if (TranscriptionSource(question) is { } sound)
        {
            return await Task.Run(() => Transcribe(sound, cancel), cancel).ConfigureAwait(false);
        }

        (PromptRows rows, bool inThought, AskOptions options) = question.Raw ? (Rows(question.Messages[0].Parts[0].Value), false, new AskOptions()) : Chat(question, cancel);
        options = options with { MaxTokens = question.MaxTokens ?? maxTokens, Draw = Greedy, Think = question.Think };
        (Answer answer, _) = await _answers.AnswerAsync(rows, inThought, options, _ => { }, cancel: cancel).ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        return new GivenAnswer(answer.Text, answer.ToolCalls, answer.Ids.Count);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<double>> WeighAsync(Question question, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(question);
        PromptRows chat = question.Raw ? PromptRows.None : Chat(question, cancel).Rows;
        List<double> weights = [];
        foreach (string choice in question.Expected.Texts)
        {
            (PromptRows text, int from) = question.Raw ? Continued(question.Messages[0].Parts[0].Value, choice) : (new PromptRows(engine.Tokenizer.Encode(choice, specials: false)).After(chat.Ids.ToArray(), chat.Media), chat.Length);
            Likelihoods likelihoods = await _answers.ScoreAsync(text, new ScoreOptions(from), cancel).ConfigureAwait(false);
            weights.Add(likelihoods.Sum);
        }

        return weights;
    }

    /// <inheritdoc/>
    public void Dispose() => _answers.Dispose();

    /// <summary>The conversation of a question, up to where the model goes on.</summary>
    /// <exception cref="GemmaVkException">It cannot be written.</exception>
    internal static ChatPrompt Render(Question question, IReadOnlyList<ChatMessage> messages)
    {
        try
        {
            return ChatTemplate.Render(messages, [.. question.Tools.Select(tool => new ToolDeclaration(tool))], new ChatOptions { EnableThinking = question.Think });
        }
        catch (TextException error)
        {
            throw new GemmaVkException(error.Message, error);
        }
    }

    private (PromptRows Rows, bool InThought, AskOptions Options) Chat(Question question, CancellationToken cancel)
    {
        List<MessagePart> media = [];
        List<ChatMessage> messages = [];
        foreach (QuestionMessage message in question.Messages)
        {
            List<ChatPart> parts = [];
            foreach (QuestionPart part in Placed(message.Parts))
            {
                if (part.Kind == ChatPartKind.Text)
                {
                    parts.Add(new ChatPart(ChatPartKind.Text, part.Value));
                    continue;
                }

                foreach (MessagePart each in loader.Load(part.Kind, part.Value, cancel).Parts)
                {
                    parts.Add(new ChatPart(each.Kind, each.Text));
                    media.AddRange(each.Kind == ChatPartKind.Text ? [] : [each]);
                }
            }

            messages.Add(parts is [{ Kind: ChatPartKind.Text }] ? new ChatMessage(message.Role, parts[0].Text) : new ChatMessage(message.Role) { Parts = parts });
        }

        ChatPrompt prompt = Render(question, messages);
        return (_answers.Rows(prompt, media), prompt.EndsInThought, new AskOptions { Tools = [.. question.Tools.Select(tool => new ToolDeclaration(tool))] });
    }

    /// <summary>In a message with one text sounds stand behind it, unless the checkpoint has them in front.</summary>
    private IEnumerable<QuestionPart> Placed(IReadOnlyList<QuestionPart> parts) => loader.SoundFirst || parts.Count(part => part.Kind == ChatPartKind.Text) != 1
        ? parts
        : parts.OrderBy(part => part.Kind == ChatPartKind.Text ? 1 : part.Kind == ChatPartKind.Audio ? 2 : 0);

    private PromptRows Rows(string text) => new([engine.Tokenizer.Specials.Bos, .. engine.Tokenizer.Encode(text, specials: false)]);

    /// <summary>
    /// A text and what goes on from it, cut into tokens together, and where the tokens of the continuation begin. Blanks at the end of the text belong to
    /// the continuation, because tokens begin with them.
    /// Source: EleutherAI, lm-evaluation-harness, _encode_pair in lm_eval/api/model.py.
    /// </summary>
    private (PromptRows Text, int From) Continued(string text, string choice)
    {
        PromptRows whole = Rows(text + choice);
        int from = Rows(text.TrimEnd()).Length;
        return (whole, Math.Clamp(from, 1, whole.Length - 1));
    }

    /// <summary>The sound of a question that wants a transcript and says no more: it is heard piece by piece, as 'gemmavk transcribe' does.</summary>
    private static string? TranscriptionSource(Question question) =>
        question.Expected.Kind == ExpectedKind.Transcript && question.Messages is [{ Parts: [{ Kind: ChatPartKind.Audio } sound] }] ? sound.Value : null;

    private GivenAnswer Transcribe(string path, CancellationToken cancel)
    {
        TranscriptText text = new();
        TimeSpan longest = loader.LongestSound;
        TimeSpan overlap = longest / 4 < SpeechPieces.OverlapDefault ? longest / 4 : SpeechPieces.OverlapDefault;
        using SampleStream sound = SampleStream.Open(path, token: cancel);
        TranscriptionStats stats = new Transcriber(engine, Transcriber.Instruction(engine.Model.Config), new AskOptions { Draw = Greedy }, _answers)
            .Run(SpeechPieces.Cut(sound, longest, overlap), text, cancel);
        cancel.ThrowIfCancellationRequested();
        return new GivenAnswer(text.Whole, [], stats.AnswerTokens);
    }
}
