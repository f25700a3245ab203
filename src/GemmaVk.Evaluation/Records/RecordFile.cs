using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading;
using GemmaVk.Tensors;
using GemmaVk.Weights;

namespace GemmaVk.Evaluation.Records;

/// <summary>
/// Records of a run, one a line behind a line that says of what: written as they come, so that a run that is ended, however hard, goes on where it
/// was. A last line that was cut is dropped and its question asked again; of two records of a question the first counts.
/// </summary>
public sealed class RecordFile : IDisposable
{
    private const string Schema = "gemmavk-records-1";
    private const long MostBytes = 1L << 30;

    // What may be another when a run goes on.
    private static readonly string[] Incidental = ["program", "system"];
    private static readonly JsonWriterOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly Lock _gate = new();
    private readonly FileStream _stream;
    private readonly string _path;

    private RecordFile(string path, FileStream stream, IReadOnlyList<AnswerRecord> records) => (_path, _stream, Records) = (path, stream, records);

    /// <summary>Records that were there already.</summary>
    public IReadOnlyList<AnswerRecord> Records { get; }

    /// <summary>Opens a file to write on in, or makes it. Nobody else can write to it meanwhile.</summary>
    /// <param name="path">Where.</param>
    /// <param name="model">Name of what is asked.</param>
    /// <param name="origin">Whatever tells two runs apart, by name.</param>
    /// <exception cref="GemmaVkException">It holds something else, records of another run, or cannot be written.</exception>
    public static RecordFile Open(string path, string model, IReadOnlyDictionary<string, string> origin)
    {
        ArgumentNullException.ThrowIfNull(origin);
        OutputTarget target = OutputTarget.Of(path);
        FileStream? stream = null;
        try
        {
            if (target.Kind is OutputKind.Device or OutputKind.Pipe)
            {
                stream = new FileStream(target.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
                RecordFile device = new(path, stream, []);
                device.Write(json => WriteHead(json, model, origin));
                return device;
            }

            stream = new FileStream(target.Path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            byte[] bytes = ReadAll(stream, path);
            int whole = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
            RunRecords? before = whole == 0 ? null : Parse(bytes.AsMemory(0, whole), path);
            if (before is null && bytes.Length > 0 && !LooksOurs(bytes))
            {
                throw new GemmaVkException($"{path}: expected records of 'gemmavk eval', or no file, but it holds something else; give another name to write to.");
            }

            if (before is not null && Difference(before, model, origin) is { } other)
            {
                throw new GemmaVkException($"{path}: expected records of this run, but they are of another: {other}; give another name to write to, or the same flags as before.");
            }

            stream.SetLength(whole);
            stream.Position = whole;
            RecordFile file = new(path, stream, before?.Records ?? []);
            if (whole == 0)
            {
                file.Write(json => WriteHead(json, model, origin));
            }

            return file;
        }
        catch (Exception error)
        {
            stream?.Dispose();
            throw error is IOException or UnauthorizedAccessException or NotSupportedException
                ? new GemmaVkException($"{path} must be a file that can be written, but: {Complaint.Of(error)} Choose another place.", error)
                : error;
        }
    }

    /// <summary>Reads the records of a run.</summary>
    /// <exception cref="GemmaVkException">It is not there, or holds something else.</exception>
    public static RunRecords Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            if (!File.Exists(path))
            {
                throw new GemmaVkException($"{path}: expected records that 'gemmavk eval --out' wrote, but there are none; check the path.");
            }

            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            byte[] bytes = ReadAll(stream, path);
            return Parse(bytes.AsMemory(0, bytes.AsSpan().LastIndexOf((byte)'\n') + 1), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GemmaVkException($"{path}: cannot be read: {Complaint.Of(error)}", error);
        }
    }

    /// <summary>Reads whole lines.</summary>
    /// <exception cref="GemmaVkException">They are something else.</exception>
    internal static RunRecords Parse(ReadOnlyMemory<byte> utf8, string path)
    {
        string model = "";
        Dictionary<string, string> origin = [];
        Dictionary<(string, string), AnswerRecord> records = [];
        int number = 0;
        while (!utf8.IsEmpty)
        {
            int end = utf8.Span.IndexOf((byte)'\n');
            ReadOnlyMemory<byte> line = end < 0 ? utf8 : utf8[..end];
            utf8 = end < 0 ? default : utf8[(end + 1)..];
            number++;
            try
            {
                using JsonDocument document = JsonDocument.Parse(line, new JsonDocumentOptions { AllowDuplicateProperties = false });
                JsonElement root = document.RootElement;
                if (number == 1)
                {
                    (model, origin) = ReadHead(root);
                    continue;
                }

                AnswerRecord record = AnswerRecord.Read(root);
                records.TryAdd((record.Id, record.Hash), record);
            }
            catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                throw new GemmaVkException($"{path}: expected records of 'gemmavk eval --out', but line {number} is none: {(error is KeyNotFoundException ? "something that every record has is missing" : error.Message.TrimEnd('.'))}; take the line out, or give another file.", error);
            }
        }

        return number > 0 ? new RunRecords(model, origin, [.. records.Values]) : throw new GemmaVkException($"{path}: expected records of 'gemmavk eval --out', but it has no line; give another file.");
    }

    /// <summary>Adds a record.</summary>
    /// <exception cref="GemmaVkException">The disk is full.</exception>
    public void Append(AnswerRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        Write(record.Write);
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static bool LooksOurs(byte[] bytes) => $"{{\"schema\":\"{Schema}\"".StartsWith(System.Text.Encoding.UTF8.GetString(bytes), StringComparison.Ordinal)
        || bytes.AsSpan().StartsWith(System.Text.Encoding.UTF8.GetBytes($"{{\"schema\":\"{Schema}\""));

    private static byte[] ReadAll(FileStream stream, string path)
    {
        if (stream.Length > MostBytes)
        {
            throw new GemmaVkException($"{path}: expected at most {MostBytes} bytes of records, but it has {stream.Length}; give another file.");
        }

        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static string? Difference(RunRecords before, string model, IReadOnlyDictionary<string, string> origin)
    {
        if (before.Model != model)
        {
            return $"of the model {before.Model}, and this is {model}";
        }

        string? name = before.Origin.Keys.Union(origin.Keys).Except(Incidental).FirstOrDefault(each => before.Origin.GetValueOrDefault(each) != origin.GetValueOrDefault(each));
        return name is null ? null : $"its {name} was {before.Origin.GetValueOrDefault(name) ?? "not set"}, and now is {origin.GetValueOrDefault(name) ?? "not set"}";
    }

    private static void WriteHead(Utf8JsonWriter json, string model, IReadOnlyDictionary<string, string> origin)
    {
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteString("model", model);
        json.WriteStartObject("origin");
        foreach ((string name, string value) in origin)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static (string Model, Dictionary<string, string> Origin) ReadHead(JsonElement root)
    {
        string? schema = root.GetProperty("schema").GetString();
        return schema == Schema
            ? (root.GetProperty("model").GetString() ?? "", root.GetProperty("origin").EnumerateObject().ToDictionary(each => each.Name, each => each.Value.GetString() ?? ""))
            : throw new FormatException($"its schema is {schema}, not {Schema}");
    }

    private void Write(Action<Utf8JsonWriter> write)
    {
        using MemoryStream line = new();
        using (Utf8JsonWriter json = new(line, OneLine))
        {
            write(json);
        }

        line.WriteByte((byte)'\n');
        lock (_gate)
        {
            try
            {
                // In one call: a process that is killed leaves a whole line or none, and a disk that is full leaves a cut one, which is dropped.
                _stream.Write(line.GetBuffer(), 0, (int)line.Length);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new UnwritableException($"{_path}: cannot be written any further: {Complaint.Of(error)} What is in it stays; make room, and the same command goes on from there.", error);
            }
        }
    }
}
