using System;
using System.Threading.Tasks;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Server.Bodies;
using GemmaVk.Server.Http;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Service;

/// <summary>GET /v1/models and GET /props, with what editors and proxies look for in llama-server's: context, modalities, slots, template.</summary>
internal sealed class ModelEndpoints(ServerState state)
{
    /// <summary>The one model.</summary>
    public Task List(HttpContext context) => ServiceRoutes.Send(context, new ModelList("list", [Body(state.Model)]), ServerJson.Relaxed.ModelList);

    /// <summary>The model by its name.</summary>
    public Task One(HttpContext context)
    {
        ServedModel model = state.Model;
        string name = (string)context.Request.RouteValues["name"]!;
        return name == model.Name || name == "default" ? ServiceRoutes.Send(context, Body(model), ServerJson.Relaxed.ModelBody)
            : throw new ApiException(404, $"The model \"{name}\" is not served here; this server has \"{model.Name}\".", "model", "model_not_found");
    }

    /// <summary>llama-server's description of itself.</summary>
    public Task Props(HttpContext context)
    {
        ServedModel model = state.Model;
        Gemma4Config config = model.Engine.Model.Config;
        Sample.Choice draw = model.Engine.RecommendedChoice;
        bool sees = config.VisionConfig is not null && model.Engine.Model.LargestPicture > 0;
        PropsSampling sampling = new(Math.Round(draw.Temperature, 4), draw.TopK, Math.Round(draw.TopP, 4), Math.Round(draw.MinP, 4), -1);
        return ServiceRoutes.Send(
            context,
            new PropsBody(
                new PropsSettings(0, model.Answers.Context, model.Engine.Drafter is not null, model.Queue.Load.Running > 0, sampling),
                model.Queue.Slots,
                model.Name,
                model.Name,
                new PropsModalities(sees, config.AudioConfig is not null && model.Engine.Model.MediaWeights is not null, sees),
                ChatTemplateText,
                new PropsTemplate(true, true, true, true, true),
                "<bos>",
                "<turn|>",
                BuildInfo,
                IsSleeping: false),
            ServerJson.Relaxed.PropsBody);
    }

    /// <summary>What is said where others show a Jinja template: the template is a program here, and has all that editors look for by name.</summary>
    public const string ChatTemplateText = "{#- gemma4: tools, tool_calls, tool_responses, enable_thinking, reasoning_content, image, audio, video -#}";

    /// <summary>Name and version of the program.</summary>
    public static string BuildInfo { get; } = $"gemmavk-{typeof(ModelEndpoints).Assembly.GetName().Version?.ToString(3)}";

    private static ModelBody Body(ServedModel model)
    {
        Gemma4Config config = model.Engine.Model.Config;
        bool media = model.Engine.Model.MediaWeights is not null;
        string[] sees = media && config.VisionConfig is not null ? ["image", "video"] : [];
        string[] hears = media && config.AudioConfig is not null ? ["audio"] : [];
        return new ModelBody(
            model.Name,
            "model",
            model.Created,
            "gemmavk",
            model.Answers.Context,
            model.Answers.Context,
            new ModelModalities(["text", .. sees, .. hears], ["text"]),
            new ModelMeta(1, config.VocabSize, model.Answers.Context, config.MaxPositionEmbeddings, config.HiddenSize, model.Engine.Model.Weights.Bytes));
    }
}
