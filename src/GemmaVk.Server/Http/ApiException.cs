using System;

namespace GemmaVk.Server.Http;

/// <summary>A request that is not answered, and why: a status, and the error's fields as OpenAI's API names them.</summary>
/// <param name="status">400 to 599.</param>
/// <param name="message">One sentence: what was expected, what came, what to do.</param>
/// <param name="param">The field that is to blame, or null.</param>
/// <param name="code">A word for programs, or null.</param>
internal sealed class ApiException(int status, string message, string? param = null, string? code = null) : Exception(message)
{
    /// <summary>The status.</summary>
    public int Status => status;

    /// <summary>The field that is to blame, or null.</summary>
    public string? Param => param;

    /// <summary>A word for programs, or null.</summary>
    public string? Code => code;

    /// <summary>Seconds after which to come again, or null.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The kind of error by its status.</summary>
    public string Type => TypeOf(status);

    /// <summary>A field that cannot be honoured as it is.</summary>
    public static ApiException Field(string param, string message, string? code = null) => new(400, message, param, code);

    /// <summary>The kind of error by its status, in OpenAI's words.</summary>
    public static string TypeOf(int status) => status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        408 => "timeout_error",
        429 => "rate_limit_error",
        503 => "unavailable_error",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };
}
