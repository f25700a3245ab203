using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Reflection.Emit;
using Xunit;

namespace GemmaVk.Vulkan.Tests;

/// <summary>The generated structs against what a C compiler makes of the same registry.</summary>
public sealed class LayoutTests
{
    private static readonly Assembly Binding = typeof(VkBufferCreateInfo).Assembly;

    [Fact]
    public void EveryFactOfTheCCompilerHolds()
    {
        int checkedFacts = 0;
        List<string> wrong = [];
        foreach ((string name, int expected) in Golden())
        {
            int actual = Measure(name);
            checkedFacts++;
            if (actual != expected)
                wrong.Add($"{name}: gcc says {expected}, C# says {actual}");
        }

        Assert.Empty(wrong);
        Assert.Equal(1515 + 7, checkedFacts);
    }

    [Fact]
    public void EveryGeneratedStructIsPinned()
    {
        HashSet<string> pinned = [.. Golden().Select(f => f.Name)];
        IEnumerable<string> missing = GeneratedStructs()
            .SelectMany(t => Fields(t).Select(f => $"{t.Name}.{f.Name}").Prepend(t.Name))
            .Where(n => !pinned.Contains(n));
        Assert.Empty(missing);
    }

    [Fact]
    public void NewSetsTheStructureType()
    {
        int extensible = 0;
        foreach (Type type in GeneratedStructs().Where(t => t.GetField("sType") is not null))
        {
            object value = type.GetProperty("New")!.GetValue(null)!;
            VkStructureType actual = (VkStructureType)type.GetField("sType")!.GetValue(value)!;
            string bare = Strip(type.Name["Vk".Length..]);
            Assert.Equal(bare, Strip(actual.ToString()), ignoreCase: true);
            extensible++;
        }

        Assert.True(extensible > 100, $"only {extensible} extensible structs were found");
    }

    // The registry cases acronyms differently in the two names (IDProperties, PHYSICAL_DEVICE_ID_PROPERTIES).
    private static string Strip(string name) => name.Replace("_", "", StringComparison.Ordinal);

    private static IEnumerable<Type> GeneratedStructs() => Binding.GetTypes().Where(t =>
        t.IsValueType && !t.IsEnum && t.Name.StartsWith("Vk", StringComparison.Ordinal)
        && t.GetCustomAttribute<System.Runtime.CompilerServices.InlineArrayAttribute>() is null
        && t.GetMethod("PrintMembers", BindingFlags.NonPublic | BindingFlags.Instance) is null); // handles are record structs

    private static FieldInfo[] Fields(Type type) => type.GetFields(BindingFlags.Public | BindingFlags.Instance);

    private static IEnumerable<(string Name, int Value)> Golden() =>
        File.ReadLines(Repository.Path("tests", "golden", "vk", "layout-gcc-x64.txt"))
            .Where(l => l.Length > 0 && l[0] != '#')
            .Select(l => l.Split(' '))
            .Select(w => (w[0], int.Parse(w[1], CultureInfo.InvariantCulture)));

    private static int Measure(string name)
    {
        string[] parts = name.Split('.');
        Type? type = Binding.GetType("GemmaVk.Vulkan." + parts[0]);
        if (type is null)
            return -1;
        if (parts.Length == 1)
            return Run(il => il.Emit(OpCodes.Sizeof, type));
        FieldInfo? field = type.GetField(parts[1]);
        if (field is null)
            return -1;
        return Run(il =>
        {
            // &local.field - &local: unlike Marshal.OffsetOf this asks for the managed layout, which is what native code sees.
            LocalBuilder local = il.DeclareLocal(type);
            il.Emit(OpCodes.Ldloca, local);
            il.Emit(OpCodes.Ldflda, field);
            il.Emit(OpCodes.Conv_U);
            il.Emit(OpCodes.Ldloca, local);
            il.Emit(OpCodes.Conv_U);
            il.Emit(OpCodes.Sub);
            il.Emit(OpCodes.Conv_I4);
        });
    }

    private static int Run(Action<ILGenerator> emit)
    {
        DynamicMethod method = new("measure", typeof(int), [], typeof(LayoutTests).Module, skipVisibility: true);
        ILGenerator il = method.GetILGenerator();
        emit(il);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<int>>()();
    }
}
