using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Bodies;
using GemmaVk.Server.Chat;
using GemmaVk.Server.Http;
using GemmaVk.Text;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Service;

/// <summary>POST /tokenize and /detokenize in llama-server's and vLLM's forms, GET /tokenizer_info.</summary>
internal sealed class TokenizerEndpoints(ServerState state)
{
    /// <summary>The fields of /tokenize.</summary>
    public static FieldTable TokenizeFields { get; } = new(
        "/tokenize",
        new("content", Outcome.Honoured, "llama-server's name of the text"),
        new("prompt", Outcome.Honoured, "vLLM's name of the text"),
        new("messages", Outcome.Honoured, "a conversation in place of a text"),
        new("tools", Outcome.Honoured),
        new("chat_template_kwargs", Outcome.Honoured, "enable_thinking"),
        new("add_special", Outcome.Honoured, "<bos> before the text; default false"),
        new("add_special_tokens", Outcome.Honoured, "vLLM's name of the same; default true beside prompt"),
        new("parse_special", Outcome.Honoured, "spellings of control tokens are control tokens; default true"),
        new("with_pieces", Outcome.Honoured),
        new("return_token_strs", Outcome.Honoured),
        new("model", Outcome.Honoured));

    /// <summary>The fields of /detokenize.</summary>
    public static FieldTable DetokenizeFields { get; } = new("/detokenize", new("tokens", Outcome.Honoured), new("model", Outcome.Honoured));

    /// <summary>Text, or a conversation, to ids.</summary>
    public async Task Tokenize(HttpContext context)
    {
        ServedModel model = state.Model;
        using JsonDocument json = await JsonBody.Read(context).ConfigureAwait(false);
        Fields body = new(json.RootElement);
        TokenizeFields.Check(context, body);
        ChatReader.RequireModel(body, model);
        BpeTokenizer tokenizer = model.Engine.Tokenizer;
        int[] ids = Ids(body, model, context);
        bool pieces = body.Flag("with_pieces") ?? false;
        bool strings = body.Flag("return_token_strs") ?? false;
        await ServiceRoutes.Send(context, writer =>
        {
            writer.WriteNumber("count", ids.Length);
            writer.WriteNumber("max_model_len", model.Answers.Context);
            writer.WriteStartArray("tokens");
            foreach (int id in ids)
            {
                if (pieces)
                {
                    WritePiece(writer, tokenizer, id);
                }
                else
                {
                    writer.WriteNumberValue(id);
                }
            }

            writer.WriteEndArray();
            if (strings)
            {
                writer.WriteStartArray("token_strs");
                Array.ForEach(ids, id => writer.WriteStringValue(tokenizer.Spelling(id)));
                writer.WriteEndArray();
            }
        }).ConfigureAwait(false);
    }

    /// <summary>Ids to text.</summary>
    public async Task Detokenize(HttpContext context)
    {
        ServedModel model = state.Model;
        using JsonDocument json = await JsonBody.Read(context).ConfigureAwait(false);
        Fields body = new(json.RootElement);
        DetokenizeFields.Check(context, body);
        ChatReader.RequireModel(body, model);
        int[] ids = TokenIds(body.List("tokens") ?? throw ApiException.Field("tokens", "tokens is missing: expected a list of ids; give it."), "tokens", model);
        string text = model.Engine.Tokenizer.Decode(ids, skipSpecials: false);
        await ServiceRoutes.Send(context, new DetokenizedBody(text, text), ServerJson.Relaxed.DetokenizedBody).ConfigureAwait(false);
    }

    /// <summary>What lm-evaluation-harness asks of a tokenizer elsewhere.</summary>
    public Task Info(HttpContext context)
    {
        ServedModel model = state.Model;
        BpeTokenizer tokenizer = model.Engine.Tokenizer;
        return ServiceRoutes.Send(
            context,
            new TokenizerInfo(
                "GemmaTokenizer",
                tokenizer.Spelling(tokenizer.Specials.Bos),
                tokenizer.Spelling(tokenizer.Specials.Eos),
                tokenizer.Spelling(tokenizer.Specials.Pad),
                ModelEndpoints.ChatTemplateText,
                tokenizer.VocabularySize,
                model.Answers.Context,
                AddBosToken: true),
            ServerJson.Relaxed.TokenizerInfo);
    }

    /// <summary>Ids of a list, each of the vocabulary.</summary>
    public static int[] TokenIds(IReadOnlyList<JsonElement> list, string param, ServedModel model) => [.. list.Select((item, i) =>
        item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int id) && id >= 0 && id < model.Engine.Tokenizer.VocabularySize
            ? id
            : throw ApiException.Field(param, $"{param}[{i}]: expected the id of a token from 0 to {model.Engine.Tokenizer.VocabularySize - 1}, but {Fields.Shown(item)} came."))];

    private static int[] Ids(Fields body, ServedModel model, HttpContext context)
    {
        BpeTokenizer tokenizer = model.Engine.Tokenizer;
        if (body.Any("messages") is not null)
        {
            ServerOptions options = new();
            Conversation conversation = new(options);
            PartReader parts = new(model, options, asGiven: false, context.RequestAborted);
            MessageReader.Read(body, conversation, parts);
            bool think = body.Object("chat_template_kwargs")?.Flag("enable_thinking") ?? false;
            return [.. ChatReader.Written(model, conversation, parts, ToolReader.Read(body), new AskOptions { Think = think }).Rows.Ids];
        }

        bool prompt = body.Any("prompt") is not null;
        string text = body.Text("content") ?? body.Text("prompt") ?? throw ApiException.Field("content", "content is missing: expected a text; give it.");
        bool bos = body.Flag("add_special") ?? body.Flag("add_special_tokens") ?? prompt;
        int[] ids = tokenizer.Encode(text, body.Flag("parse_special") ?? true);
        return bos ? [tokenizer.Specials.Bos, .. ids] : ids;
    }

    // A piece that is no whole character is a list of bytes, as llama-server has it.
    private static void WritePiece(Utf8JsonWriter json, BpeTokenizer tokenizer, int id)
    {
        byte[] bytes = TokenReader.BytesOf(tokenizer, id);
        json.WriteStartObject();
        json.WriteNumber("id", id);
        if (System.Text.Unicode.Utf8.IsValid(bytes))
        {
            json.WriteString("piece", bytes);
        }
        else
        {
            json.WriteStartArray("piece");
            Array.ForEach(bytes, b => json.WriteNumberValue(b));
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
