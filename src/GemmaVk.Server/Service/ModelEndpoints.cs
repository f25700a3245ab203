using System;
using System.Text.Json;
using System.Threading.Tasks;
using GemmaVk.Kernels;
using GemmaVk.Model;
using GemmaVk.Server.Http;
using Microsoft.AspNetCore.Http;

namespace GemmaVk.Server.Service;

/// <summary>GET /v1/models and GET /props, with what editors and proxies look for in llama-server's: context, modalities, slots, template.</summary>
internal sealed class ModelEndpoints(ServerState state)
{
    /// <summary>The one model.</summary>
    public Task List(HttpContext context)
    {
        ServedModel model = state.Model;
        return ServiceRoutes.Send(context, json =>
        {
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            json.WriteStartObject();
            Write(json, model);
            json.WriteEndObject();
            json.WriteEndArray();
        });
    }

    /// <summary>The model by its name.</summary>
    public Task One(HttpContext context)
    {
        ServedModel model = state.Model;
        string name = (string)context.Request.RouteValues["name"]!;
        return name == model.Name || name == "default" ? ServiceRoutes.Send(context, json => Write(json, model))
            : throw new ApiException(404, $"The model \"{name}\" is not served here; this server has \"{model.Name}\".", "model", "model_not_found");
    }

    /// <summary>llama-server's description of itself.</summary>
    public Task Props(HttpContext context)
    {
        ServedModel model = state.Model;
        Gemma4Config config = model.Engine.Model.Config;
        Sample.Choice draw = model.Engine.RecommendedChoice;
        return ServiceRoutes.Send(context, json =>
        {
            json.WriteStartObject("default_generation_settings");
            json.WriteNumber("id", 0);
            json.WriteNumber("n_ctx", model.Answers.Context);
            json.WriteBoolean("speculative", model.Engine.Drafter is not null);
            json.WriteBoolean("is_processing", model.Queue.Load.Running > 0);
            json.WriteStartObject("params");
            json.WriteNumber("temperature", Math.Round(draw.Temperature, 4));
            json.WriteNumber("top_k", draw.TopK);
            json.WriteNumber("top_p", Math.Round(draw.TopP, 4));
            json.WriteNumber("min_p", Math.Round(draw.MinP, 4));
            json.WriteNumber("n_predict", -1);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteNumber("total_slots", model.Queue.Slots);
            json.WriteString("model_alias", model.Name);
            json.WriteString("model_path", model.Name);
            json.WriteStartObject("modalities");
            json.WriteBoolean("vision", config.VisionConfig is not null && model.Engine.Model.LargestPicture > 0);
            json.WriteBoolean("audio", config.AudioConfig is not null && model.Engine.Model.MediaWeights is not null);
            json.WriteBoolean("video", config.VisionConfig is not null && model.Engine.Model.LargestPicture > 0);
            json.WriteEndObject();
            json.WriteString("chat_template", ChatTemplateText);
            json.WriteStartObject("chat_template_caps");
            foreach (string name in (ReadOnlySpan<string>)["supports_tools", "supports_tool_calls", "supports_system_role", "supports_parallel_tool_calls", "supports_preserve_reasoning"])
            {
                json.WriteBoolean(name, true);
            }

            json.WriteEndObject();
            json.WriteString("bos_token", "<bos>");
            json.WriteString("eos_token", "<turn|>");
            json.WriteString("build_info", BuildInfo);
            json.WriteBoolean("is_sleeping", false);
        });
    }

    /// <summary>What is said where others show a Jinja template: the template is a program here, and has all that editors look for by name.</summary>
    public const string ChatTemplateText = "{#- gemma4: tools, tool_calls, tool_responses, enable_thinking, reasoning_content, image, audio, video -#}";

    /// <summary>Name and version of the program.</summary>
    public static string BuildInfo { get; } = $"gemmavk-{typeof(ModelEndpoints).Assembly.GetName().Version?.ToString(3)}";

    private static void Write(Utf8JsonWriter json, ServedModel model)
    {
        Gemma4Config config = model.Engine.Model.Config;
        bool media = model.Engine.Model.MediaWeights is not null;
        json.WriteString("id", model.Name);
        json.WriteString("object", "model");
        json.WriteNumber("created", model.Created);
        json.WriteString("owned_by", "gemmavk");
        json.WriteNumber("max_model_len", model.Answers.Context);
        json.WriteNumber("context_length", model.Answers.Context);
        json.WriteStartObject("architecture");
        json.WriteStartArray("input_modalities");
        json.WriteStringValue("text");
        if (media && config.VisionConfig is not null)
        {
            json.WriteStringValue("image");
            json.WriteStringValue("video");
        }

        if (media && config.AudioConfig is not null)
        {
            json.WriteStringValue("audio");
        }

        json.WriteEndArray();
        json.WriteStartArray("output_modalities");
        json.WriteStringValue("text");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartObject("meta");
        json.WriteNumber("vocab_type", 1);
        json.WriteNumber("n_vocab", config.VocabSize);
        json.WriteNumber("n_ctx", model.Answers.Context);
        json.WriteNumber("n_ctx_train", config.MaxPositionEmbeddings);
        json.WriteNumber("n_embd", config.HiddenSize);
        json.WriteNumber("size", model.Engine.Model.Weights.Bytes);
        json.WriteEndObject();
    }
}
