using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using GemmaVk.Media;
using GemmaVk.Runtime.Planning;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Http;
using GemmaVk.Text;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Service;

/// <summary>What the page shows of the inside: GET /gemmavk/status, POST /gemmavk/media.</summary>
internal sealed class InsideEndpoints(ServerOptions options, ServerState state)
{
    /// <summary>The fields of /gemmavk/media.</summary>
    public static FieldTable MediaFields { get; } = new(
        "/gemmavk/media",
        new("url", Outcome.Honoured, "data:TYPE;base64,DATA, or a file: below --media-root"),
        new("kind", Outcome.Honoured, "image, audio, video; default: what the bytes are"));

    /// <summary>Device, plan against use, queue, and what was done so far.</summary>
    public Task Status(HttpContext context)
    {
        ServedModel model = state.Model;
        GemmaEngine engine = model.Engine;
        return ServiceRoutes.Send(context, json =>
        {
            json.WriteString("model", model.Name);
            json.WriteString("device", engine.Backend.Device.Name);
            json.WriteString("backend", engine.Backend.Device.Backend);
            json.WriteString("device_reason", engine.DeviceReason);
            json.WriteString("drafter", engine.DrafterReason);
            json.WriteNumber("context", model.Answers.Context);
            (int running, int waiting) = model.Queue.Load;
            json.WriteStartObject("queue");
            json.WriteNumber("running", running);
            json.WriteNumber("waiting", waiting);
            json.WriteNumber("slots", model.Queue.Slots);
            json.WriteNumber("most_waiting", options.MostWaiting);
            json.WriteEndObject();
            WritePlan(json, engine);
            WriteKernels(json, engine);
            model.Figures.Read(figures =>
            {
                WriteFigures(json, figures, model);
                return true;
            });
        });
    }

    /// <summary>What the model gets of a picture, a sound or a clip: as bytes, as a form's file, or as an address in JSON.</summary>
    public async Task Media(HttpContext context)
    {
        ServedModel model = state.Model;
        LoadedMedia media = await Read(context, model).ConfigureAwait(false);
        await ServiceRoutes.Send(context, json =>
        {
            json.WriteString("kind", media.Kind.ToString().ToLowerInvariant());
            json.WriteString("source", media.Source);
            json.WriteString("summary", media.Summary);
            json.WriteString("note", media.Note);
            json.WriteNumber("tokens", media.Tokens);
            if (media.Pictures.Count > 0)
            {
                Picture first = media.Pictures[0];
                json.WriteStartObject("grid");
                json.WriteNumber("columns", first.Width / ImageSizing.PatchSide);
                json.WriteNumber("rows", first.Height / ImageSizing.PatchSide);
                json.WriteNumber("patch", ImageSizing.PatchSide);
                json.WriteNumber("width", first.Width);
                json.WriteNumber("height", first.Height);
                json.WriteNumber("pictures", media.Pictures.Count);
                json.WriteEndObject();
            }

            json.WriteStartArray("stamps");
            media.Stamps.ToList().ForEach(json.WriteStringValue);
            json.WriteEndArray();
            json.WriteNumber("seconds", Math.Round(media.Sounds.Sum(sound => sound.Samples.Length) / (double)SampleStream.Rate, 3));
            json.WriteNumber("pieces", media.Sounds.Count);
        }).ConfigureAwait(false);
    }

    private static async Task<LoadedMedia> Read(HttpContext context, ServedModel model)
    {
        string type = context.Request.ContentType ?? "";
        if (type.Contains("json", StringComparison.OrdinalIgnoreCase))
        {
            using JsonDocument json = await JsonBody.Read(context).ConfigureAwait(false);
            Fields body = new(json.RootElement);
            MediaFields.Check(context, body);
            ChatPartKind? kind = body.Text("kind") switch
            {
                null => null,
                "image" => ChatPartKind.Image,
                "audio" => ChatPartKind.Audio,
                "video" => ChatPartKind.Video,
                _ => throw body.Wrong("kind", "image, audio or video", body.Any("kind")!.Value),
            };
            return model.Media.OfAddress(kind, body.Needed("url"), "url", context.RequestAborted);
        }

        using MemoryStream bytes = new();
        await context.Request.Body.CopyToAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        return model.Media.OfBytes(null, bytes.GetBuffer().AsMemory(0, (int)bytes.Length), "body", context.RequestAborted);
    }

    private static void WritePlan(Utf8JsonWriter json, GemmaEngine engine)
    {
        json.WriteStartObject("memory");
        json.WriteNumber("planned_bytes", engine.Plan.TotalBytes);
        json.WriteNumber("budget_bytes", engine.Plan.BudgetBytes);
        json.WriteNumber("held_bytes", engine.Backend.Ledger.HeldBytes);
        json.WriteStartArray("items");
        foreach (MemoryItem item in engine.Plan.Items)
        {
            json.WriteStartObject();
            json.WriteString("name", item.Name);
            json.WriteNumber("bytes", item.Bytes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    // Empty unless the program was started with GEMMAVK_TIMINGS=1: measuring every kernel costs time itself.
    private static void WriteKernels(Utf8JsonWriter json, GemmaEngine engine)
    {
        KeyValuePair<string, TimeSpan>[] times = [.. engine.Backend.KernelTimes.OrderByDescending(kernel => kernel.Value)];
        double all = Math.Max(1e-9, times.Sum(kernel => kernel.Value.TotalMilliseconds));
        json.WriteStartArray("kernels");
        foreach ((string name, TimeSpan time) in times)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteNumber("share", Math.Round(time.TotalMilliseconds / all, 4));
            json.WriteNumber("milliseconds", Math.Round(time.TotalMilliseconds, 3));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteFigures(Utf8JsonWriter json, Figures figures, ServedModel model)
    {
        json.WriteStartObject("totals");
        json.WriteNumber("answers", figures.Stopped + figures.CutOff + figures.Cancelled);
        json.WriteNumber("cancelled", figures.Cancelled);
        json.WriteNumber("failed", figures.Failed);
        json.WriteNumber("prompt_tokens", figures.PromptTokens);
        json.WriteNumber("cached_tokens", figures.CachedTokens);
        json.WriteNumber("answer_tokens", figures.AnswerTokens);
        json.WriteNumber("tokens_per_second", Math.Round(figures.AnswerSeconds > 0 ? figures.AnswerTokens / figures.AnswerSeconds : 0, 2));
        json.WriteNumber("drafts", figures.Drafts);
        json.WriteNumber("drafts_kept", figures.Kept);
        json.WriteNumber("acceptance", Math.Round(figures.Acceptance, 4));
        json.WriteNumber("bytes_per_second", Math.Round(figures.BytesPerSecond));
        json.WriteNumber("bandwidth_bytes_per_second", Math.Round(model.BandwidthBytesPerSecond));
        if (model.Share(figures.BytesPerSecond) is { } share)
        {
            json.WriteNumber("bandwidth_share", Math.Round(share, 4));
        }

        json.WriteEndObject();
    }
}
