using System;
using System.Collections.Generic;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using GemmaVk.Tensors;
using GemmaVk.Text;
using GemmaVk.Weights;

namespace GemmaVk.Cli.Options;

/// <summary>The flags that give pictures, sounds and clips, and how much of them is taken.</summary>
internal sealed class MediaOptions
{
    private readonly Option<string[]> _image = Files("--image", "A picture (PNG, JPEG, WebP and what else ffmpeg reads), or - for standard input. May come several times.");
    private readonly Option<string[]> _audio = Files("--audio", "A sound (WAV, MP3, M4A and what else ffmpeg reads), or - for standard input. May come several times.");
    private readonly Option<string[]> _video = Files("--video", "A clip that ffmpeg reads. May come several times.");
    private readonly Option<string?> _marker = new("--marker")
    {
        Description = $"What stands in the prompt for a picture, sound or clip, in the order of the flags. Default: {PromptMarkers.Usual}. Without any, pictures and clips come before the text and sounds after it, unless the checkpoint says otherwise.",
        HelpName = "TEXT",
    };

    private readonly WordOption _imageTokens = new(
        "--image-tokens", "Most tokens of a picture: more show finer detail. Default: what the checkpoint says.", "leave it out for the checkpoint's own", "70", "140", "280", "560", "1120");

    private readonly RealOption _videoFps = new(
        "--video-fps", "Frames per second of a clip, instead of --video-frames.", x => x is > 0 and <= 1000, "a number above 0 and at most 1000", "leave it out to spread --video-frames over the clip");

    private readonly WholeOption _videoFrames = new(
        "--video-frames", "Frames of a clip, evenly spread; all of a clip that has fewer. Default: what the checkpoint says, 32.", 1, "leave it out for the default");

    private readonly RealOption _maxAudio = new(
        "--max-audio", "Most seconds of each sound, from its start. Default: all of it.", x => x > 0, "a number of seconds above 0", "leave it out to hear all of it");

    private readonly Option<bool> _videoSound = new("--video-sound") { Description = "Hear the clips' sound tracks too: pieces of sound and frames take turns by their time." };

    /// <summary>Adds the flags that name files, and all others.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_image);
        command.Options.Add(_audio);
        command.Options.Add(_video);
        command.Options.Add(_marker);
        AddSettingsTo(command);
    }

    /// <summary>Adds the flags that say how much is taken.</summary>
    public void AddSettingsTo(Command command)
    {
        command.Options.Add(_imageTokens);
        command.Options.Add(_videoFps);
        command.Options.Add(_videoFrames);
        command.Options.Add(_maxAudio);
        command.Options.Add(_videoSound);
    }

    /// <summary>The files, in the order of the command line across the three flags.</summary>
    public static IReadOnlyList<GivenMedia> Items(ParseResult parsed)
    {
        List<GivenMedia> items = [];
        for (int i = 0; i + 1 < parsed.Tokens.Count; i++)
        {
            if (parsed.Tokens[i].Type == TokenType.Option && GivenMedia.KindOf(parsed.Tokens[i].Value) is { } kind)
            {
                GivenMedia item = new(kind, HomePath.Expand(parsed.Tokens[i + 1].Value));
                items.Add(item.Path.Length > 0 ? item : throw new GemmaVkException($"{item.Flag} is empty: expected the path of a file; give one."));
            }
        }

        return items;
    }

    /// <summary>What stands for an item in the prompt.</summary>
    /// <exception cref="GemmaVkException">It is empty.</exception>
    public string Marker(ParseResult parsed) => parsed.GetValue(_marker) switch
    {
        null => PromptMarkers.Usual,
        "" => throw new GemmaVkException($"--marker is empty: expected a text such as {PromptMarkers.Usual}; leave it out for that one."),
        { } given => given,
    };

    /// <summary>How much is taken.</summary>
    /// <exception cref="GemmaVkException">A flag has no legal value.</exception>
    public MediaSettings Settings(ParseResult parsed) => new()
    {
        ImageTokens = _imageTokens.Read(parsed) is { } tokens ? int.Parse(tokens, CultureInfo.InvariantCulture) : null,
        VideoFps = _videoFps.Read(parsed),
        VideoFrames = _videoFrames.Read(parsed),
        MostAudio = _maxAudio.Read(parsed) is { } seconds ? Seconds(seconds) : null,
        VideoSound = parsed.GetValue(_videoSound),
    };

    // Longer than any file that is read, and short enough to be a time.
    private static TimeSpan Seconds(float seconds) => TimeSpan.FromSeconds(Math.Min(seconds, 1e9));

    private static Option<string[]> Files(string name, string description) => new(name) { Description = description, HelpName = "PATH" };
}

/// <summary>A picture, sound or clip that was named.</summary>
/// <param name="Kind">By which flag.</param>
/// <param name="Path">The file, or - for standard input.</param>
internal readonly record struct GivenMedia(ChatPartKind Kind, string Path)
{
    /// <summary>The flag that names such a file.</summary>
    public string Flag => Kind switch { ChatPartKind.Image => "--image", ChatPartKind.Audio => "--audio", _ => "--video" };

    /// <summary>What a flag or command of that name gives.</summary>
    public static ChatPartKind? KindOf(string flag) => flag.TrimStart('-', '/') switch
    {
        "image" => ChatPartKind.Image,
        "audio" => ChatPartKind.Audio,
        "video" => ChatPartKind.Video,
        _ => null,
    };
}
