using System;
using System.Collections.Generic;
using System.Threading;
using GemmaVk.Documents;
using GemmaVk.Documents.Answers;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Http;
using GemmaVk.Tensors;

namespace GemmaVk.Server.Chat;

/// <summary>
/// Documents among the parts of a message: {"type": "file"} of chat completions, "input_file" of responses, "document" of messages. They stand in front of the message's words as
/// quotations: whole where the context holds them, else the passages that have most of the words.
/// </summary>
internal static class DocumentParts
{
    private const string Unnamed = "document";
    private const int MostDocuments = 16;

    /// <summary>Whether a part of that type is a document.</summary>
    public static bool Has(string type) => type is "file" or "input_file" or "document";

    /// <summary>Reads one.</summary>
    public static Document Read(Fields part, string type, string path, DocumentStore store, CancellationToken cancel)
    {
        if (type == "document")
        {
            Fields source = part.Object("source") ?? throw ApiException.Field(part.Path("source"), $"{part.Path("source")} is missing: expected an object; give it.");
            string title = Name(part.Text("title"));
            return source.Needed("type") switch
            {
                "base64" => store.OfData(source.Needed("data"), title, source.Path("data"), cancel),
                "text" => store.OfText(source.Needed("data"), title, source.Path("data"), cancel),
                var other => throw ApiException.Field(source.Path("type"), $"{source.Path("type")}: expected base64 or text, because nothing is ever fetched, but \"{other}\" came; send the bytes.", "media_not_fetched"),
            };
        }

        Fields file = type == "file" && part.Any("file") is not null ? part.Object("file")! : part;
        foreach (string elsewhere in (ReadOnlySpan<string>)["file_id", "file_url"])
        {
            if (file.Text(elsewhere) is not null)
            {
                throw ApiException.Field(file.Path(elsewhere), $"{file.Path(elsewhere)}: files are kept nowhere and nothing is ever fetched; send the bytes as file_data.", "media_not_fetched");
            }
        }

        string data = file.Text("file_data") ?? throw ApiException.Field(path, $"{path}: expected file_data, the file as base64 or data:TYPE;base64,DATA; give it.");
        return store.OfData(data, Name(file.Text("filename")), file.Path("file_data"), cancel);
    }

    /// <summary>What stands in front of a message's words.</summary>
    /// <param name="documents">Its documents.</param>
    /// <param name="question">Its words.</param>
    /// <param name="model">Whose tokens are counted.</param>
    /// <param name="notes">Gets tokens per document, and what was left out.</param>
    /// <param name="path">The field, for what cannot be done.</param>
    /// <param name="cancel">Ends it.</param>
    public static DocumentTurn Front(IReadOnlyList<Document> documents, string question, ServedModel model, List<string> notes, string path, CancellationToken cancel)
    {
        if (documents.Count > MostDocuments)
        {
            throw ApiException.Field(path, $"{path}: the message has more than {MostDocuments} documents; send fewer.", "too_many_documents");
        }

        try
        {
            // A request waits in a queue for its session, so nothing is asked of the model while it is read.
            using DocumentDesk desk = new(model.Engine, model.Engine.DefaultContextLength, notes.Add) { Ranks = false, Loader = model.Engine.Model.Config.VisionConfig is null ? null : model.Loader };
            foreach (Document document in documents)
            {
                desk.Add(document, cancel);
            }

            return desk.Front(question, 0, new AskOptions(), cancel: cancel);
        }
        catch (GemmaVkException error)
        {
            throw new ApiException(400, error.Message, path, "invalid_document");
        }
    }

    // A folder in a name says nothing to anybody here.
    private static string Name(string? given) => string.IsNullOrWhiteSpace(given) ? Unnamed : given.Split('/', '\\')[^1] is { Length: > 0 and <= 200 } name ? name : Unnamed;
}
