using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using GemmaVk.Hybrid.Rules;
using GemmaVk.Tensors;

namespace GemmaVk.Hybrid.Sending;

/// <summary>An endpoint of a route file.</summary>
/// <param name="where">Begins a sentence.</param>
/// <param name="folder">What paths are relative to.</param>
internal sealed class EndpointReader(string where, string folder)
{
    /// <summary>Reads it.</summary>
    /// <exception cref="GemmaVkException">It is none.</exception>
    public Endpoint Read(string name, JsonElement json)
    {
        RouteSection section = new(where, json, "url", "model", "key_env", "key_file", "input_price", "output_price", "max_tokens", "seconds");
        Endpoint endpoint = new(name, Url(section.Needed("url", "its address")), section.Needed("model", "what requests call the model"), Key(section))
        {
            InputPrice = section.Amount("input_price") ?? 0,
            OutputPrice = section.Amount("output_price") ?? 0,
        };
        if (endpoint.IsRemote && (section.Any("input_price") is null || section.Any("output_price") is null))
        {
            throw new GemmaVkException($"{where}: expected \"input_price\" and \"output_price\", for a million tokens each, because it is another machine; give 0 where it costs nothing.");
        }

        return endpoint with
        {
            MaxTokens = section.Whole("max_tokens", 1, 1_000_000) ?? endpoint.MaxTokens,
            Time = section.Whole("seconds", 1, 86_400) is { } seconds ? TimeSpan.FromSeconds(seconds) : endpoint.Time,
        };
    }

    private Uri Url(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
        {
            throw new GemmaVkException($"{where}: expected \"url\" as an address such as https://models.example/v1, without a name, a key or a question mark in it, but another came; correct it.");
        }

        return url.Scheme == "https" || url.IsLoopback ? url
            : throw new GemmaVkException($"{where}: expected https for {url.Host}, because what is sent over http can be read on the way; http is for this machine alone.");
    }

    private EndpointKey? Key(RouteSection section)
    {
        (string? variable, string? file) = (section.Text("key_env"), section.Text("key_file"));
        if (variable is not null && file is not null)
        {
            throw new GemmaVkException($"{where}: expected one of \"key_env\" and \"key_file\", but both came; drop one.");
        }

        if (variable is not null && (variable.Length > 64 || !(char.IsAsciiLetter(variable[0]) || variable[0] == '_') || !variable.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')))
        {
            // What came may be the key: it is not repeated.
            throw new GemmaVkException($"{where}: expected \"key_env\" as the name of a variable such as MODELS_KEY, but what came can be none; if it is the key itself, take it out of here and put it into a variable.");
        }

        EndpointKey? key = variable is null && file is null ? null : new EndpointKey(where, variable, file is null ? null : Path.GetFullPath(file, folder));
        key?.RequireOwn();
        return key;
    }
}
