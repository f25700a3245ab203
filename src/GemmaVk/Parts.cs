using System;
using System.Diagnostics.CodeAnalysis;
using GemmaVk.Tensors;

namespace GemmaVk;

/// <summary>
/// What a build of the program may leave out. Each part is a property of the build, such as <c>-p:WithServer=false</c>: a constant for the compiler that works ahead of time,
/// so that nothing of the part is in the file, and a switch of the same name in a program that is compiled while it runs. What is left out says so when it is asked for.
/// </summary>
public static class Parts
{
    /// <summary>CUDA and OpenCL through ILGPU, which compiles its kernels while it runs.</summary>
    [FeatureSwitchDefinition("GemmaVk.Ilgpu")]
    public static bool Ilgpu => IsIn("GemmaVk.Ilgpu");

    /// <summary>The HTTP server with its page.</summary>
    [FeatureSwitchDefinition("GemmaVk.Server")]
    public static bool Server => IsIn("GemmaVk.Server");

    /// <summary>Documents, PDF among them, and the index of a folder.</summary>
    [FeatureSwitchDefinition("GemmaVk.Documents")]
    public static bool Documents => IsIn("GemmaVk.Documents");

    /// <summary>Tools that the model may call, by MCP and the program's own, and the model as an MCP server.</summary>
    [FeatureSwitchDefinition("GemmaVk.Tools")]
    public static bool Tools => IsIn("GemmaVk.Tools");

    /// <summary>Rules by which endpoints elsewhere answer.</summary>
    [FeatureSwitchDefinition("GemmaVk.Routing")]
    public static bool Routing => IsIn("GemmaVk.Routing");

    /// <summary>What measures a model's quality.</summary>
    [FeatureSwitchDefinition("GemmaVk.Evaluation")]
    public static bool Evaluation => IsIn("GemmaVk.Evaluation");

    /// <summary>What to say where a part is asked for that this program was built without.</summary>
    /// <param name="asked">The flag or command that asks for it.</param>
    /// <param name="part">The part's name in the build, such as <c>Server</c>.</param>
    public static GemmaVkException LeftOut(string asked, string part) =>
        new($"{asked}: expected a program with its part {part}, but this one was built without; run 'tools/gemmavk' of the repository, which has every part, or have tools/publish make another file.");

    private static bool IsIn(string part) => !AppContext.TryGetSwitch(part, out bool isIn) || isIn;
}
