using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;
using GemmaVk.Documents;
using GemmaVk.Documents.Answers;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Http;
using GemmaVk.Text;

namespace GemmaVk.Server.Chat;

/// <summary>
/// Reads the content of messages: text, pictures, sounds, clips, documents. In a message with one text, pictures and clips go before it and sounds behind it, as the
/// model was trained (<see cref="MediaLoader.SoundFirst"/>); with several texts, or if it is asked for, all stays where it was given.
/// </summary>
/// <param name="model">Whose media.</param>
/// <param name="options">Limits.</param>
/// <param name="asGiven">Whether all stays where it was given.</param>
/// <param name="cancel">Ends reading.</param>
internal sealed class PartReader(ServedModel model, ServerOptions options, bool asGiven, CancellationToken cancel)
{
    private int _media;

    /// <summary>What is not to be passed over of what was read.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>What documents gave to answer from.</summary>
    public List<Passage> Passages { get; } = [];

    /// <summary>The words of what was read last, without the documents in front of them.</summary>
    public string Words { get; private set; } = "";

    /// <summary>The words of the user's newest message.</summary>
    public string Question { get; set; } = "";

    /// <summary>What a request's answer can come from, or null without documents.</summary>
    public AnswerSources? Sources => Passages.Count == 0 ? null : new AnswerSources([.. Passages.Distinct()], Question);

    /// <summary>Soft tokens of sounds.</summary>
    public int AudioTokens { get; private set; }

    /// <summary>The parts of a content: null, a text, or a list of parts.</summary>
    public List<MessagePart> Read(Fields message, string name)
    {
        Words = "";
        if (message.Any(name) is not { } content)
        {
            return [];
        }

        if (content.ValueKind == JsonValueKind.String)
        {
            Words = message.Text(name)!;
            return [MessagePart.Words(Words)];
        }

        if (content.ValueKind != JsonValueKind.Array)
        {
            throw message.Wrong(name, "a text or a list of parts", content);
        }

        List<MessagePart> parts = [];
        List<Document> documents = [];
        int i = 0;
        foreach (JsonElement item in content.EnumerateArray())
        {
            string path = $"{message.Path(name)}[{i++}]";
            if (item.ValueKind != JsonValueKind.Object)
            {
                throw ApiException.Field(path, $"{path}: expected an object with a \"type\", but {Fields.Shown(item)} came.");
            }

            Fields part = new(item, path);
            string type = part.Needed("type");
            if (DocumentParts.Has(type))
            {
                documents.Add(DocumentParts.Read(part, type, path, model.Documents, cancel));
            }
            else
            {
                parts.AddRange(Part(part, type, path));
            }
        }

        List<MessagePart> placed = asGiven || parts.Count(part => part.Kind == ChatPartKind.Text) > 1 ? parts : Placed(parts);
        Words = string.Join('\n', parts.Where(part => part.Kind == ChatPartKind.Text).Select(part => part.Text));
        if (documents.Count == 0)
        {
            return placed;
        }

        DocumentTurn front = DocumentParts.Front(documents, Words, model, Notes, message.Path(name), cancel);
        Passages.AddRange(front.Passages);
        return [.. front.Parts, .. placed];
    }

    /// <summary>Reads a picture, sound or clip.</summary>
    public IReadOnlyList<MessagePart> Take(LoadedMedia media)
    {
        if (++_media > options.MostMedia)
        {
            throw ApiException.Field("messages", $"The request has more than {options.MostMedia} pictures, sounds and clips; send fewer.", "too_many_media");
        }

        if (media.Note is { } note)
        {
            Notes.Add($"{media.Name}: {media.Source}; {note}");
        }

        AudioTokens += media.Kind == ChatPartKind.Audio ? media.Tokens : 0;
        return media.Parts;
    }

    private IEnumerable<MessagePart> Part(Fields part, string type, string path) => type switch
    {
        "text" or "input_text" or "output_text" => [MessagePart.Words(part.Needed("text"))],
        "refusal" => [MessagePart.Words(part.Needed("refusal"))],
        "tool_reference" => [MessagePart.Words(part.Needed("tool_name"))],
        "thinking" or "reasoning" => [],
        "image_url" or "input_image" => Take(Addressed(ChatPartKind.Image, part, "image_url")),
        "audio_url" => Take(Addressed(ChatPartKind.Audio, part, "audio_url")),
        "input_audio" => Take(Sound(part)),
        "video_url" => Take(Addressed(ChatPartKind.Video, part, "video_url")),
        "input_video" => Take(Data(ChatPartKind.Video, part, "input_video")),
        "image" => Take(Source(ChatPartKind.Image, part)),
        _ => throw ApiException.Field(
            $"{path}.type", $"{path}.type: expected text, image_url, input_audio, audio_url, input_video, video_url or file, but \"{type}\" came; take the part out.", "unsupported_part"),
    };

    private MediaWish Wish(Fields holder) => MediaWish.Read(holder, model.Engine.Model.LargestPicture);

    // {"image_url": {"url": ...}}, and {"image_url": "..."} as /v1/responses has it.
    private LoadedMedia Addressed(ChatPartKind kind, Fields part, string name)
    {
        bool bare = part.Any(name) is { ValueKind: JsonValueKind.String };
        Fields holder = bare ? part : part.Object(name) ?? throw Missing(part, name);
        string field = bare ? name : "url";
        return model.Media.OfAddress(kind, holder.Needed(field), holder.Path(field), Wish(holder), cancel);
    }

    private LoadedMedia Sound(Fields part)
    {
        Fields sound = part.Object("input_audio") ?? throw Missing(part, "input_audio");
        // What the bytes are is read from themselves; the format is only looked at for what nobody could mean.
        if (sound.Text("format") is { } format && format is not ("wav" or "mp3" or "flac" or "opus" or "ogg" or "aac" or "m4a" or "webm" or "pcm16" or "mp4" or "mpeg" or "mpga"))
        {
            throw ApiException.Field(sound.Path("format"), $"{sound.Path("format")}: expected wav or mp3 (flac, ogg, m4a and webm are read too), but \"{format}\" came.");
        }

        return Data(ChatPartKind.Audio, part, "input_audio");
    }

    private LoadedMedia Data(ChatPartKind kind, Fields part, string name)
    {
        Fields holder = part.Object(name) ?? throw Missing(part, name);
        return holder.Text("url") is { } url ? model.Media.OfAddress(kind, url, holder.Path("url"), Wish(holder), cancel)
            : holder.Needed("data") is var data && data.StartsWith("data:", StringComparison.OrdinalIgnoreCase) ? model.Media.OfAddress(kind, data, holder.Path("data"), Wish(holder), cancel)
            : model.Media.OfBase64(kind, data, holder.Path("data"), Wish(holder), cancel);
    }

    // Anthropic's {"source": {"type": "base64", "media_type": ..., "data": ...}}.
    private LoadedMedia Source(ChatPartKind kind, Fields part)
    {
        Fields source = part.Object("source") ?? throw Missing(part, "source");
        return source.Needed("type") == "base64" ? model.Media.OfBase64(kind, source.Needed("data"), source.Path("data"), Wish(part), cancel)
            : model.Media.OfAddress(kind, source.Needed("url"), source.Path("url"), Wish(part), cancel);
    }

    private List<MessagePart> Placed(List<MessagePart> parts)
    {
        bool Before(MessagePart part) => part.Kind is ChatPartKind.Image or ChatPartKind.Video || (part.Kind == ChatPartKind.Audio && model.Loader.SoundFirst);
        return [.. parts.Where(Before), .. parts.Where(part => part.Kind == ChatPartKind.Text), .. parts.Where(part => part.Kind != ChatPartKind.Text && !Before(part))];
    }

    private static ApiException Missing(Fields part, string name) => ApiException.Field(part.Path(name), $"{part.Path(name)} is missing: expected an object; give it.");
}
