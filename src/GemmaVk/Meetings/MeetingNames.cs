using System.Collections.Generic;
using System.Linq;

namespace GemmaVk.Meetings;

/// <summary>What a person of the sheet is called.</summary>
public static class MeetingNames
{
    /// <summary>The name, or <c>Speaker N</c>; two of one name get their numbers.</summary>
    public static string Of(IReadOnlyList<MeetingPerson> people, int number)
    {
        string name = people.FirstOrDefault(person => person.Number == number)?.Name ?? "";
        return name.Length == 0 ? $"Speaker {number}" : people.Count(person => person.Name == name) > 1 ? $"{name} ({number})" : name;
    }
}
