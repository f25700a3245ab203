using System;
using System.Collections.Generic;
using System.Globalization;
using Silk.NET.Core.Contexts;
using Silk.NET.Vulkan;

namespace GemmaVk.Gpu.Driver;

/// <summary>
/// VK_KHR_pipeline_executable_properties: what the driver's compiler made of a pipeline. Silk.NET has its structs; its functions are in a package
/// of its own, whose class has this name.
/// </summary>
internal sealed unsafe class KhrPipelineExecutableProperties(INativeContext instance)
{
    public const string ExtensionName = "VK_KHR_pipeline_executable_properties";

    private readonly delegate* unmanaged<Device, PipelineInfoKHR*, uint*, PipelineExecutablePropertiesKHR*, Result> properties =
        (delegate* unmanaged<Device, PipelineInfoKHR*, uint*, PipelineExecutablePropertiesKHR*, Result>)
        instance.GetProcAddress("vkGetPipelineExecutablePropertiesKHR");

    private readonly delegate* unmanaged<Device, PipelineExecutableInfoKHR*, uint*, PipelineExecutableStatisticKHR*, Result> statistics =
        (delegate* unmanaged<Device, PipelineExecutableInfoKHR*, uint*, PipelineExecutableStatisticKHR*, Result>)
        instance.GetProcAddress("vkGetPipelineExecutableStatisticsKHR");

    /// <summary>Statistics of all executables of a pipeline that was made to capture them; empty where the driver gives none.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Statistics(Device device, Pipeline pipeline)
    {
        List<KeyValuePair<string, string>> found = [];
        PipelineInfoKHR info = new() { SType = StructureType.PipelineInfoKhr, Pipeline = pipeline };
        uint executables = 0;
        if (properties is null || statistics is null || properties(device, &info, &executables, null) != Result.Success)
            return found;
        for (uint i = 0; i < executables; i++)
        {
            PipelineExecutableInfoKHR one = new() { SType = StructureType.PipelineExecutableInfoKhr, Pipeline = pipeline, ExecutableIndex = i };
            uint count = 0;
            if (statistics(device, &one, &count, null) != Result.Success || count == 0)
                continue;
            PipelineExecutableStatisticKHR[] all = new PipelineExecutableStatisticKHR[count];
            Array.Fill(all, new PipelineExecutableStatisticKHR { SType = StructureType.PipelineExecutableStatisticKhr });
            fixed (PipelineExecutableStatisticKHR* p = all)
            {
                if (statistics(device, &one, &count, p) != Result.Success)
                    continue;
                for (uint s = 0; s < count; s++)
                    found.Add(new(VkText.Read(p[s].Name, Vk.MaxDescriptionSize), Text(p[s])));
            }
        }

        return found;
    }

    private static string Text(in PipelineExecutableStatisticKHR statistic) => statistic.Format switch
    {
        PipelineExecutableStatisticFormatKHR.Bool32Khr => statistic.Value.B32 ? "true" : "false",
        PipelineExecutableStatisticFormatKHR.Int64Khr => statistic.Value.I64.ToString(CultureInfo.InvariantCulture),
        PipelineExecutableStatisticFormatKHR.Uint64Khr => statistic.Value.U64.ToString(CultureInfo.InvariantCulture),
        _ => statistic.Value.F64.ToString("G6", CultureInfo.InvariantCulture),
    };
}
