using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Xml;

namespace GemmaVk.Documents.Formats;

/// <summary>The text of a DOCX: paragraphs of the body with the levels of their styles, cells of a row in one line, footnotes at the end. Deleted text is left out.</summary>
internal sealed class DocxText(ZipParts parts, BlockList blocks)
{
    private readonly Dictionary<string, int> _levels = [];
    private readonly StringBuilder _text = new();
    private int _level;
    private int _rows;
    private int _fallbacks;
    private bool _cell;
    private bool _inText;

    /// <summary>Reads it.</summary>
    public void Read()
    {
        if (parts.Read("word/styles.xml") is not null)
        {
            ReadStyles();
        }

        parts.ReadXml("word/document.xml", Take);
        End();
        foreach (string notes in (ReadOnlySpan<string>)["word/footnotes.xml", "word/endnotes.xml"])
        {
            if (parts.Read(notes) is not null)
            {
                parts.ReadXml(notes, Take);
                End();
            }
        }
    }

    private void ReadStyles()
    {
        string? style = null;
        parts.ReadXml("word/styles.xml", xml =>
        {
            if (xml.NodeType != XmlNodeType.Element)
            {
                return;
            }

            if (xml.LocalName == "style")
            {
                style = Value(xml, "styleId");
            }
            else if (style is not null && xml.LocalName == "name" && Value(xml, "val") is { } name)
            {
                SetLevel(style, name.Equals("title", StringComparison.OrdinalIgnoreCase) ? 1 : Number(name, "heading "));
            }
            else if (style is not null && xml.LocalName == "outlineLvl")
            {
                SetLevel(style, Number(Value(xml, "val") ?? "", "") + 1);
            }
        });
    }

    private void SetLevel(string style, int level)
    {
        if (level is >= 1 and <= 6 && _levels.Count < 10_000)
        {
            _levels[style] = level;
        }
    }

    private void Take(XmlReader xml)
    {
        if (xml.NodeType == XmlNodeType.Element)
        {
            switch (xml.LocalName)
            {
                case "pStyle":
                    _level = Value(xml, "val") is { } style ? _levels.GetValueOrDefault(style, Number(style, "Heading")) : 0;
                    break;
                case "outlineLvl":
                    _level = Number(Value(xml, "val") ?? "", "") is >= 0 and < 6 and var outline ? outline + 1 : _level;
                    break;
                case "tab" or "br" or "cr":
                    _text.Append(' ');
                    break;
                case "tr":
                    End();
                    _rows++;
                    _cell = false;
                    break;
                case "tc":
                    _text.Append(_cell ? " | " : "");
                    _cell = true;
                    break;
                case "t":
                    _inText = !xml.IsEmptyElement;
                    break;
                // The same again, for programs that do not know what stands before it.
                case "Fallback" when !xml.IsEmptyElement:
                    _fallbacks++;
                    break;
            }
        }
        else if (xml.NodeType == XmlNodeType.EndElement)
        {
            switch (xml.LocalName)
            {
                case "t":
                    _inText = false;
                    break;
                case "Fallback":
                    _fallbacks = Math.Max(0, _fallbacks - 1);
                    break;
                case "p" when _rows == 0:
                    End();
                    break;
                case "p":
                    _text.Append(' ');
                    break;
                case "tr":
                    End();
                    _rows = Math.Max(0, _rows - 1);
                    break;
            }
        }
        else if (_inText && _fallbacks == 0 && xml.NodeType is (XmlNodeType.Text or XmlNodeType.SignificantWhitespace or XmlNodeType.Whitespace or XmlNodeType.CDATA))
        {
            _text.Append(xml.Value);
        }
    }

    private void End()
    {
        blocks.AddRunning(_text, _rows == 0 ? _level : 0);
        _level = 0;
    }

    private static string? Value(XmlReader xml, string name)
    {
        for (int i = 0; i < xml.AttributeCount; i++)
        {
            xml.MoveToAttribute(i);
            if (xml.LocalName == name)
            {
                string value = xml.Value;
                xml.MoveToElement();
                return value;
            }
        }

        xml.MoveToElement();
        return null;
    }

    private static int Number(string text, string start) =>
        text.StartsWith(start, StringComparison.OrdinalIgnoreCase) && int.TryParse(text.AsSpan(start.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? Math.Min(number, 99) : start.Length == 0 ? -2 : 0;
}
