using System;
using System.Collections.Generic;
using System.Linq;
using GemmaVk.Gpu.Driver;
using GemmaVk.Kernels;
using GemmaVk.Kernels.Measuring;
using GemmaVk.Tensors;
using Silk.NET.Vulkan;

namespace GemmaVk.Gpu.Pipelines;

/// <summary>Every pipeline of a device, created once and shared, with the driver's cache of compiled code on disk.</summary>
internal sealed unsafe class PipelineLibrary : IDisposable
{
    private readonly GpuDevice device;
    private readonly PipelineCacheFile file;
    private readonly PipelineCache cache;
    private readonly Dictionary<(string Module, bool Own), ShaderModule> modules = [];
    private readonly HashSet<string> ownRun = [];
    private readonly Dictionary<string, ComputePipeline> pipelines = [];
    private bool grown;

    public PipelineLibrary(GpuDevice device, string pipelineCacheUuid, uint driverVersion)
    {
        this.device = device;
        file = new PipelineCacheFile(device.Options.CacheDirectory, pipelineCacheUuid, driverVersion, ShaderModule.EmbeddedHash(), device.Options.Log);
        Folder = System.IO.Path.GetDirectoryName(file.Path)!;
        Identity = $"{pipelineCacheUuid}-{driverVersion:x8}-{ShaderModule.EmbeddedHash()[..16]}";
        byte[] data = file.Read();
        fixed (byte* p = data)
        {
            PipelineCacheCreateInfo info = new()
            {
                SType = StructureType.PipelineCacheCreateInfo,
                InitialDataSize = (nuint)data.Length,
                PInitialData = p,
            };
            PipelineCache created;
            device.Vk.CreatePipelineCache(device.Handle, &info, null, &created).Check("creating the pipeline cache", device.Info.Name);
            cache = created;
        }
    }

    /// <summary>The folder of what is kept for a device.</summary>
    public string Folder { get; }

    /// <summary>Device, driver and shaders: all that makes kept things invalid.</summary>
    public string Identity { get; }

    /// <summary>Whether files that the options name stand for their modules.</summary>
    public bool TakesOwn { get; set; } = true;

    /// <summary>Modules whose pipelines were made from such files.</summary>
    public IReadOnlyCollection<string> OwnRun => ownRun;

    /// <summary>Empties <see cref="OwnRun"/>.</summary>
    public void ForgetOwnRun() => ownRun.Clear();

    /// <summary>The pipeline of an embedded module (or of its source, with a shader directory) with these specialization constants.</summary>
    /// <exception cref="GemmaVkException">It is a user's, and does not compile.</exception>
    public ComputePipeline Get(string module, IReadOnlyList<(uint Id, uint Value)> constants, int? subgroupSize = null)
    {
        ShaderModule shader = Module(module);
        if (!IsOwn(module))
            return Get(shader, constants, subgroupSize);
        ownRun.Add(module);
        try
        {
            return Get(shader, constants, subgroupSize);
        }
        catch (VulkanException error)
        {
            throw new GemmaVkException(
                $"--kernel {module}={device.Options.OwnKernels[module]}: expected a shader that the driver compiles, but it refused ({error.Message.TrimEnd('.')}); look at it with spirv-val --target-env vulkan1.2, and mend it.", error);
        }
    }

    /// <summary>A module: from the file that the options name for it, else as <see cref="ShaderModule.Load"/> finds it.</summary>
    /// <exception cref="GemmaVkException">It does not compile, or is no SPIR-V.</exception>
    public ShaderModule Module(string module)
    {
        bool own = IsOwn(module);
        if (!modules.TryGetValue((module, own), out ShaderModule? shader))
        {
            modules[(module, own)] = shader = own
                ? ShaderCompiler.LoadOwn(module, device.Options.OwnKernels[module], device.Options.Log)
                : ShaderModule.Load(module, device.Options.ShaderDirectory, device.Options.Log);
        }

        return shader;
    }

    /// <summary>First digits of the SHA-256 of a module that was used; empty for commands that are none.</summary>
    public string CodeOf(string module) => modules.TryGetValue((module, IsOwn(module)), out ShaderModule? shader) ? shader.Code : "";

    /// <summary>The pipeline of a module that was loaded elsewhere. Modules are told apart by name and code.</summary>
    public ComputePipeline Get(ShaderModule shader, IReadOnlyList<(uint Id, uint Value)> constants, int? subgroupSize = null)
    {
        string key = $"{shader.Name} {shader.Code} {subgroupSize} {string.Join(' ', constants.OrderBy(c => c.Id).Select(c => $"{c.Id}={c.Value}"))}";
        if (!pipelines.TryGetValue(key, out ComputePipeline? pipeline))
        {
            // The embedded module that a user's is compared with pays for the same checks.
            BoundsChecks bounds = device.Options.OwnKernels.ContainsKey(shader.Name) ? device.Features.OwnKernelBounds : BoundsChecks.None;
            pipelines[key] = pipeline = new ComputePipeline(device, shader, constants, subgroupSize, cache, bounds);
            grown = true;
        }

        return pipeline;
    }

    /// <summary>What the driver's compiler says of the pipelines that were made; empty where it says nothing.</summary>
    public IReadOnlyList<CompiledKernel> Compiled => [.. pipelines.Values.Select(pipeline => pipeline.Compiled).Where(compiled => compiled.Statistics.Count > 0)];

    /// <summary>How accesses to buffers are checked, by module. For tests.</summary>
    internal IReadOnlyDictionary<string, BoundsChecks> Bounds => pipelines.Values.GroupBy(pipeline => pipeline.Name).ToDictionary(same => same.Key, same => same.First().Bounds);

    private bool IsOwn(string module) => TakesOwn && device.Options.OwnKernels.ContainsKey(module);

    /// <summary>Writes what the driver compiled to disk, if there is anything new.</summary>
    public void Save()
    {
        if (!grown)
            return;
        grown = false;
        nuint size = 0;
        device.Vk.GetPipelineCacheData(device.Handle, cache, &size, null).Check("measuring the pipeline cache", device.Info.Name);
        byte[] data = new byte[size];
        fixed (byte* p = data)
            device.Vk.GetPipelineCacheData(device.Handle, cache, &size, p).Check("reading the pipeline cache", device.Info.Name);
        file.Write(data.AsSpan(0, (int)size));
    }

    public void Dispose()
    {
        try
        {
            Save();
        }
        catch (Exception e) when (e is VulkanException or DeviceLostException)
        {
            // Disposal goes on: the cache only saves time in the next process.
            device.Options.Log?.Invoke($"pipeline cache not saved: {e.Message}");
        }

        foreach (ComputePipeline pipeline in pipelines.Values)
            pipeline.Dispose();
        device.Vk.DestroyPipelineCache(device.Handle, cache, null);
    }
}
