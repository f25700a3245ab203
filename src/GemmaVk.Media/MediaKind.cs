using System;
using System.IO;
using System.Linq;
using GemmaVk.Media.Audio;
using GemmaVk.Tensors;

namespace GemmaVk.Media;

/// <summary>
/// What a file is, by its first bytes; its name says nothing. Text is never one of these, so that playlists, which name other
/// files, do not reach ffmpeg.
/// </summary>
public sealed record MediaKind
{
    /// <summary>Bytes that <see cref="OfBytes"/> wants to see: containers name their tracks behind the first ones.</summary>
    internal const int HeadBytes = 1 << 16;

    internal static readonly MediaKind Png = new(MediaForm.Picture, "PNG", "");
    internal static readonly MediaKind Wav = new(MediaForm.Sound, "WAV", "wav");

    // Streams that lie in files of the HEIF family.
    internal static readonly MediaKind Av1Frames = new(MediaForm.Picture, "AVIF", "ivf");
    internal static readonly MediaKind HevcFrames = new(MediaForm.Picture, "HEIF", "hevc");
    internal static readonly MediaKind JpegFrames = new(MediaForm.Picture, "HEIF", "jpeg_pipe");

    private const string IsoMedia = "mov";

    private MediaKind(MediaForm form, string format, string demuxer)
    {
        Form = form;
        Format = format;
        Demuxer = demuxer;
    }

    /// <summary>Picture, sound or video.</summary>
    public MediaForm Form { get; }

    /// <summary>The format's usual name: "JPEG".</summary>
    public string Format { get; }

    /// <summary>Whether it is read without ffmpeg. A WAV file with a compressed codec still needs it.</summary>
    public bool IsOwn => this == Png || this == Wav;

    /// <summary>
    /// What ffmpeg takes the file for: one format by name, because ffmpeg that chooses among several looks at the file's name first, and takes one
    /// with a % in it for a row of pictures.
    /// </summary>
    internal string Demuxer { get; }

    /// <summary>Whether its pictures may be transparent.</summary>
    internal bool HasAlpha => Format != "JPEG";

    /// <summary>Whether the file is built of ISO boxes.</summary>
    internal bool IsIsoMedia => Demuxer == IsoMedia;

    /// <summary>Looks at a file.</summary>
    /// <exception cref="GemmaVkException">It cannot be read, or is nothing that is known.</exception>
    public static MediaKind Of(string path)
    {
        using FileStream file = MediaPath.Open(path);
        byte[] head = new byte[HeadBytes];
        try
        {
            int count = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            return Of(head.AsSpan(0, count), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GemmaVkException($"{path} must be a readable file, but reading it failed: {Complaint.Of(error)} Check the disk and the file.", error);
        }
    }

    /// <summary>A word for messages: "JPEG picture".</summary>
    public override string ToString() => $"{Format} {Form.ToString().ToLowerInvariant()}";

    /// <summary>"a JPEG picture", "an MP4 video".</summary>
    internal string WithArticle => $"{(Format[0] is 'A' or 'E' or 'I' or 'O' || Format.StartsWith("MP", StringComparison.Ordinal) || Format.StartsWith("M4", StringComparison.Ordinal) ? "an" : "a")} {this}";

    internal static MediaKind Of(ReadOnlySpan<byte> head, string path)
    {
        if (head.IsEmpty)
        {
            throw MediaPath.Empty(path);
        }

        return OfBytes(head) ?? throw new GemmaVkException(
            PipeStart.NameOf(head) is { } other
                ? $"{path} must be a picture, sound or video, but is {other}; give the picture, sound or video itself (a download may have brought a page in its place)."
                : $"{path} must be a picture, sound or video, but it begins with the bytes {Convert.ToHexString(head[..Math.Min(head.Length, 8)])}, which no known format does; convert it to PNG, WAV or MP4.");
    }

    internal static MediaKind? OfBytes(ReadOnlySpan<byte> head)
    {
        if (Starts(head, 0, "RIFF") || Starts(head, 0, "RF64") || Starts(head, 0, "BW64"))
        {
            return Starts(head, 8, "WAVE") ? Wav : Starts(head, 8, "WEBP") ? Picture("WebP", "webp_pipe") : Starts(head, 8, "AVI ") ? Video("AVI", "avi") : null;
        }

        if (Starts(head, 4, "ftyp"))
        {
            return head.Length < 12 ? null : OfBrand(head[8..12]);
        }

        return OfPicture(head) ?? OfSound(head) ?? OfVideo(head);
    }

    private static MediaKind? OfPicture(ReadOnlySpan<byte> head) =>
        head.StartsWith(GemmaVk.Media.Png.PngReader.Signature) ? Png
        : Starts(head, 0, 0xFF, 0xD8, 0xFF) ? Picture("JPEG", "jpeg_pipe")
        : Starts(head, 0, "GIF8") ? Picture("GIF", "gif")
        : Starts(head, 0, "II*\0") || Starts(head, 0, "MM\0*") ? Picture("TIFF", "tiff_pipe")
        : Starts(head, 0, "BM") && Starts(head, 6, 0, 0, 0, 0) ? Picture("BMP", "bmp_pipe")
        : Starts(head, 0, 0, 0, 0, 12, (byte)'J', (byte)'X', (byte)'L') || Starts(head, 0, 0xFF, 0x0A) ? Picture("JPEG XL", "jpegxl_pipe")
        : Starts(head, 0, 0, 0, 0, 12, (byte)'j', (byte)'P') || Starts(head, 0, 0xFF, 0x4F, 0xFF, 0x51) ? Picture("JPEG 2000", "j2k_pipe")
        : Starts(head, 0, "8BPS") ? Picture("Photoshop", "psd_pipe")
        : Starts(head, 0, "qoif") ? Picture("QOI", "qoi_pipe")
        : head.Length > 2 && head[0] == 'P' && head[1] is >= (byte)'1' and <= (byte)'7' && head[2] is (byte)'\n' or (byte)' ' or (byte)'\r' ? Picture("PNM", head[1] switch { (byte)'1' or (byte)'4' => "pbm_pipe", (byte)'2' or (byte)'5' => "pgm_pipe", (byte)'7' => "pam_pipe", _ => "ppm_pipe" })
        : null;

    private static MediaKind? OfSound(ReadOnlySpan<byte> head) =>
        Starts(head, 0, "ID3") ? OfTagged(head)
        : Starts(head, 0, "fLaC") ? Sound("FLAC", "flac")
        : Starts(head, 0, "OggS") ? Contains(head, "theora") ? Video("Ogg", "ogg") : Sound("Ogg", "ogg")
        : Starts(head, 0, "FORM") && (Starts(head, 8, "AIFF") || Starts(head, 8, "AIFC")) ? Sound("AIFF", "aiff")
        : Starts(head, 0, "caff") ? Sound("CAF", "caf")
        : Starts(head, 0, "#!AMR") ? Sound("AMR", "amr")
        : Starts(head, 0, ".snd") ? Sound("AU", "au")
        : Starts(head, 0, "riff\u002E\u0091\u00CF\u0011") ? Sound("Wave64", "w64")
        : Starts(head, 0, "wvpk") ? Sound("WavPack", "wv")
        : Starts(head, 0, "TTA1") ? Sound("True Audio", "tta")
        : Starts(head, 0, "MAC ") ? Sound("Monkey's Audio", "ape")
        : Starts(head, 0, "MPCK") ? Sound("Musepack", "mpc8")
        : Starts(head, 0, "MP+") ? Sound("Musepack", "mpc")
        : Starts(head, 0, 0x7F, 0xFE, 0x80, 0x01) ? Sound("DTS", "dts")
        : Starts(head, 0, "Creative Voice File") ? Sound("Creative Voice", "voc")
        : Starts(head, 0, "FORM") && (Starts(head, 8, "8SVX") || Starts(head, 8, "16SV")) ? Sound("8SVX", "iff")
        : Starts(head, 0, "NIST_1A") ? Sound("NIST SPHERE", "nistsphere")
        : Starts(head, 0, "DSD ") ? Sound("DSF", "dsf")
        : Starts(head, 0, "ajkg") ? Sound("Shorten", "shn")
        : Starts(head, 0, ".ra\u00FD") || Starts(head, 0, ".RMF") ? Sound("RealAudio", "rm")
        : Starts(head, 0, 0x0B, 0x77) ? Sound("AC-3", head.Length > 5 && head[5] >> 3 > 10 ? "eac3" : "ac3")
        : head.Length > 1 && head[0] == 0xFF && (head[1] & 0xF6) == 0xF0 ? Sound("AAC", "aac")
        : head.Length > 1 && head[0] == 0xFF && (head[1] & 0xE0) == 0xE0 && (head[1] & 0x06) != 0 ? Sound("MP3", "mp3")
        : null;

    // A tag with title and cover goes before sounds of several formats; its length has 7 bits a byte.
    private static MediaKind OfTagged(ReadOnlySpan<byte> head)
    {
        int end = head.Length < 10 ? 0 : 10 + ((head[6] & 127) << 21 | (head[7] & 127) << 14 | (head[8] & 127) << 7 | (head[9] & 127));
        ReadOnlySpan<byte> sound = end < head.Length ? head[end..] : [];
        return Starts(sound, 0, "fLaC") ? Sound("FLAC", "flac") : sound.Length > 1 && sound[0] == 0xFF && (sound[1] & 0xF6) == 0xF0 ? Sound("AAC", "aac") : Sound("MP3", "mp3");
    }

    private static MediaKind? OfVideo(ReadOnlySpan<byte> head)
    {
        const byte TransportSync = 0x47;
        const int TransportPacket = 188;
        if (Starts(head, 0, 0x1A, 0x45, 0xDF, 0xA3))
        {
            return !Contains(head, "V_") && Contains(head, "A_") ? Sound("Matroska", "matroska") : Video("Matroska", "matroska");
        }

        if (Starts(head, 0, 0x30, 0x26, 0xB2, 0x75, 0x8E, 0x66, 0xCF, 0x11))
        {
            // The stream type of Windows Media pictures, a GUID in its little-endian spelling.
            ReadOnlySpan<byte> pictures = [0xC0, 0xEF, 0x19, 0xBC, 0x4D, 0x5B, 0xCF, 0x11, 0xA8, 0xFD, 0x00, 0x80, 0x5F, 0x5C, 0x44, 0x2B];
            return head.IndexOf(pictures) >= 0 ? Video("Windows Media", "asf") : Sound("Windows Media", "asf");
        }

        return Starts(head, 4, "moov") || Starts(head, 4, "mdat") || Starts(head, 4, "wide") || Starts(head, 4, "free") ? Video("QuickTime", IsoMedia)
            : Starts(head, 0, "FLV") ? Video("Flash", "flv")
            : Starts(head, 0, 0, 0, 1, 0xBA) ? Video("MPEG", "mpeg")
            : Starts(head, 0, 0, 0, 1, 0xB3) ? Video("MPEG", "mpegvideo")
            : head.Length > TransportPacket && head[0] == TransportSync && head[TransportPacket] == TransportSync ? Video("MPEG transport stream", "mpegts")
            : null;
    }

    // The ISO media container holds everything; its first box names what it holds mainly.
    private static MediaKind OfBrand(ReadOnlySpan<byte> brand) =>
        Among(brand, "avif", "avis") ? Picture("AVIF", IsoMedia)
        : Among(brand, "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1") ? Picture("HEIF", IsoMedia)
        : Among(brand, "M4A ", "M4B ", "M4P ") ? Sound("M4A", IsoMedia)
        : Video(Among(brand, "qt  ") ? "QuickTime" : "MP4", IsoMedia);

    private static bool Among(ReadOnlySpan<byte> brand, params string[] names)
    {
        foreach (string name in names)
        {
            if (Starts(brand, 0, name))
            {
                return true;
            }
        }

        return false;
    }

    private static MediaKind Picture(string format, string demuxer) => new(MediaForm.Picture, format, demuxer);

    private static MediaKind Sound(string format, string demuxer) => new(MediaForm.Sound, format, demuxer);

    private static MediaKind Video(string format, string demuxer) => new(MediaForm.Video, format, demuxer);

    private static bool Starts(ReadOnlySpan<byte> head, int at, string letters)
    {
        if (head.Length < at + letters.Length)
        {
            return false;
        }

        for (int i = 0; i < letters.Length; i++)
        {
            if (head[at + i] != letters[i])
            {
                return false;
            }
        }

        return true;
    }

    private static bool Starts(ReadOnlySpan<byte> head, int at, params ReadOnlySpan<byte> bytes) =>
        head.Length >= at && head[at..].StartsWith(bytes);

    private static bool Contains(ReadOnlySpan<byte> head, string letters) =>
        head.IndexOf(letters.Select(letter => (byte)letter).ToArray()) >= 0;
}
