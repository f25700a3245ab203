using System;
using System.Collections.Generic;
using System.Linq;
using System.Xml;

namespace GemmaVk.Documents.Formats;

/// <summary>The text of an EPUB: its parts in the order of the spine. Books have no pages; a passage is found by its file and headings.</summary>
internal static class EpubText
{
    private const int MostParts = 20_000;

    /// <summary>Reads it.</summary>
    public static void Read(ZipParts parts, BlockList blocks, List<string> notes, string name)
    {
        string? package = null;
        parts.ReadXml("META-INF/container.xml", xml =>
        {
            if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "rootfile")
            {
                package ??= xml.GetAttribute("full-path");
            }
        });
        if (package is null)
        {
            throw parts.Lacks("a package (rootfile)");
        }

        Dictionary<string, string> files = [];
        List<string> spine = [];
        parts.ReadXml(package, xml =>
        {
            if (xml.NodeType != XmlNodeType.Element || files.Count + spine.Count > MostParts)
            {
                return;
            }

            if (xml.LocalName == "item" && xml.GetAttribute("id") is { } id && xml.GetAttribute("href") is { } href)
            {
                files[id] = href;
            }
            else if (xml.LocalName == "itemref" && xml.GetAttribute("idref") is { } part)
            {
                spine.Add(part);
            }
        });
        string folder = package.Contains('/', StringComparison.Ordinal) ? package[..(package.LastIndexOf('/') + 1)] : "";
        int missing = 0;
        foreach (string part in spine.Distinct())
        {
            if (files.TryGetValue(part, out string? href) && parts.Read(Joined(folder, href)) is { } bytes)
            {
                new HtmlText(blocks).Read(TextDecoding.Of(bytes, name, out _));
            }
            else
            {
                missing++;
            }
        }

        if (missing > 0)
        {
            notes.Add(FormattableString.Invariant($"{missing} of its {spine.Count} parts are missing"));
        }
    }

    private static string Joined(string folder, string href)
    {
        List<string> path = [];
        string plain = Uri.UnescapeDataString(href.Split('#')[0]);
        foreach (string step in (folder + plain).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (step == "..")
            {
                path.RemoveRange(Math.Max(0, path.Count - 1), Math.Min(1, path.Count));
            }
            else if (step != ".")
            {
                path.Add(step);
            }
        }

        return string.Join('/', path);
    }
}
