using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using GemmaVk.Speech;
using GemmaVk.Tensors;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GemmaVk.Hosting;

/// <summary>
/// The engine and its clients in a container: <see cref="GemmaEngine"/>, <see cref="IChatClient"/> and <see cref="ISpeechToTextClient"/>, each once. The model is
/// loaded when one of them is first asked for, or by <see cref="LoadGemmaVkAsync"/>; the container disposes of all, clients before engine. Nothing here runs unless called.
/// </summary>
public static class GemmaVkServices
{
    /// <summary>Adds a model.</summary>
    /// <param name="services">The container's.</param>
    /// <param name="configure">Sets at least <see cref="GemmaVkOptions.Model"/>.</param>
    /// <exception cref="GemmaVkException">An option that cannot be, or there is a model already.</exception>
    public static IServiceCollection AddGemmaVk(this IServiceCollection services, Action<GemmaVkOptions> configure) => Add(services, null, configure);

    /// <summary>Adds a model beside others: its services are asked for by a key.</summary>
    /// <param name="services">The container's.</param>
    /// <param name="key">A name, for one.</param>
    /// <param name="configure">Sets at least <see cref="GemmaVkOptions.Model"/>.</param>
    /// <exception cref="GemmaVkException">An option that cannot be, or there is a model of that key already.</exception>
    public static IServiceCollection AddKeyedGemmaVk(this IServiceCollection services, object key, Action<GemmaVkOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Add(services, key, configure);
    }

    /// <summary>Loads a model that was added, so that the first call does not wait for it.</summary>
    /// <param name="provider">The container.</param>
    /// <param name="key">The model's, or null for the one without.</param>
    /// <param name="cancel">Ends the wait; loading goes on.</param>
    /// <exception cref="GemmaVkException">It cannot be loaded; a later call tries again.</exception>
    public static Task LoadGemmaVkAsync(this IServiceProvider provider, object? key = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(provider);
        return Task.Factory.StartNew(() => provider.GetRequiredKeyedService<GemmaEngine>(key), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).WaitAsync(cancel);
    }

    private static IServiceCollection Add(IServiceCollection services, object? key, Action<GemmaVkOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        if (services.Any(service => service.ServiceType == typeof(GemmaEngine) && Equals(service.ServiceKey, key)))
        {
            throw new GemmaVkException(key is null
                ? "AddGemmaVk: expected once, but a model is there already; add others under a key, with AddKeyedGemmaVk."
                : $"AddKeyedGemmaVk: expected a key for each model, but '{key}' has one already; give another.");
        }

        GemmaVkOptions options = new();
        configure(options);
        EngineOptions engine = options.Checked();
        Func<IServiceProvider, GemmaEngine> load = provider => GemmaEngine.Load(engine, provider.GetService<ILoggerFactory>()?.CreateLogger("GemmaVk"));
        Func<GemmaEngine, IChatClient> chat = loaded => new GemmaChatClient(loaded, options.Context, options.Media) { Telemetry = options.Telemetry };
        return key is null
            ? services.AddSingleton(load)
                .AddSingleton(provider => chat(provider.GetRequiredService<GemmaEngine>()))
                .AddSingleton<ISpeechToTextClient>(provider => new GemmaSpeechToTextClient(provider.GetRequiredService<GemmaEngine>()))
            : services.AddKeyedSingleton(key, (provider, _) => load(provider))
                .AddKeyedSingleton(key, (provider, _) => chat(provider.GetRequiredKeyedService<GemmaEngine>(key)))
                .AddKeyedSingleton<ISpeechToTextClient>(key, (provider, _) => new GemmaSpeechToTextClient(provider.GetRequiredKeyedService<GemmaEngine>(key)));
    }
}
