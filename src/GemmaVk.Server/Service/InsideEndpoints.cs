using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using GemmaVk.Media;
using GemmaVk.Server.Answers;
using GemmaVk.Server.Bodies;
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
        new("kind", Outcome.Honoured, "image, audio, video; default: what the bytes are"),
        new("max_soft_tokens", Outcome.Honoured, "of a picture or of each frame: 70, 140, 280, 560 or 1120"),
        new("num_frames", Outcome.Honoured, "of a clip"),
        new("fps", Outcome.Honoured, "frames of a clip's second, in place of num_frames"));

    /// <summary>Device, plan against use, queue, and what was done so far.</summary>
    public Task Status(HttpContext context)
    {
        ServedModel model = state.Model;
        GemmaEngine engine = model.Engine;
        (int running, int waiting) = model.Queue.Load;
        return ServiceRoutes.Send(
            context,
            new StatusBody(
                model.Name,
                engine.Backend.Device.Name,
                engine.Backend.Device.Backend,
                engine.DeviceReason,
                engine.DrafterReason,
                model.Answers.Context,
                model.Sessions is not null,
                new StatusQueue(running, waiting, model.Queue.Slots, options.MostWaiting),
                new StatusMemory(
                    engine.Plan.TotalBytes, engine.Plan.BudgetBytes, engine.Backend.Ledger.HeldBytes, [.. engine.Plan.Items.Select(item => new StatusItem(item.Name, item.Bytes))]),
                Kernels(engine),
                model.Figures.Read(figures => Totals(figures, model))),
            ServerJson.Relaxed.StatusBody);
    }

    /// <summary>What the model gets of a picture, a sound or a clip: as bytes, with what is wanted of it behind the address, or as an address in JSON.</summary>
    public async Task Media(HttpContext context)
    {
        ServedModel model = state.Model;
        LoadedMedia media = await Read(context, model).ConfigureAwait(false);
        Picture? first = media.Pictures.Count > 0 ? media.Pictures[0] : null;
        await ServiceRoutes.Send(
            context,
            new MediaBody(
                media.Kind.ToString().ToLowerInvariant(),
                media.Source,
                media.Summary,
                media.Note,
                media.Tokens,
                first is null ? null : new MediaGrid(
                    first.Width / ImageSizing.PatchSide, first.Height / ImageSizing.PatchSide, ImageSizing.PatchSide, first.Width, first.Height, media.Pictures.Count),
                [.. media.Stamps],
                Math.Round(media.Sounds.Sum(sound => sound.Samples.Length) / (double)SampleStream.Rate, 3),
                media.Sounds.Count,
                model.Engine.Model.LargestPicture),
            ServerJson.Relaxed.MediaBody).ConfigureAwait(false);
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
            return model.Media.OfAddress(kind, body.Needed("url"), "url", MediaWish.Read(body, model.Engine.Model.LargestPicture), context.RequestAborted);
        }

        using MemoryStream bytes = new();
        await context.Request.Body.CopyToAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        using JsonDocument query = Query(context.Request.Query);
        MediaWish wish = MediaWish.Read(new Fields(query.RootElement), model.Engine.Model.LargestPicture);
        return model.Media.OfBytes(null, bytes.GetBuffer().AsMemory(0, (int)bytes.Length), "body", wish, context.RequestAborted);
    }

    private static JsonDocument Query(IQueryCollection query) => JsonBody.Parse(JsonText.Write(json =>
    {
        json.WriteStartObject();
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues value) in query)
        {
            if (double.TryParse(value, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number))
            {
                json.WriteNumber(name, number);
            }
            else
            {
                json.WriteString(name, value.ToString());
            }
        }

        json.WriteEndObject();
    }));

    // Empty unless the program was started with GEMMAVK_TIMINGS=1: measuring every kernel costs time itself.
    private static StatusKernel[] Kernels(GemmaEngine engine)
    {
        KeyValuePair<string, TimeSpan>[] times = [.. engine.Backend.KernelTimes.OrderByDescending(kernel => kernel.Value)];
        double all = Math.Max(1e-9, times.Sum(kernel => kernel.Value.TotalMilliseconds));
        return [.. times.Select(kernel => new StatusKernel(kernel.Key, Math.Round(kernel.Value.TotalMilliseconds / all, 4), Math.Round(kernel.Value.TotalMilliseconds, 3)))];
    }

    private static StatusTotals Totals(Figures figures, ServedModel model) => new(
        figures.Stopped + figures.CutOff + figures.Cancelled,
        figures.Cancelled,
        figures.Failed,
        figures.PromptTokens,
        figures.CachedTokens,
        figures.AnswerTokens,
        Math.Round(figures.AnswerSeconds > 0 ? figures.AnswerTokens / figures.AnswerSeconds : 0, 2),
        figures.Drafts,
        figures.Kept,
        Math.Round(figures.Acceptance, 4),
        Math.Round(figures.BytesPerSecond),
        Math.Round(model.BandwidthBytesPerSecond),
        model.Share(figures.BytesPerSecond) is { } share ? Math.Round(share, 4) : null);
}
