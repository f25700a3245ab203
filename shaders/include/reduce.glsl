// Sum over the workgroup, the same value in every invocation. A workgroup has at most 256 invocations and a subgroup at
// least 4, so there are at most 64 subgroups. All invocations must call it.
shared float reduce_parts[64];

float workgroup_sum(float value)
{
    float part = subgroupAdd(value);
    barrier(); // an earlier sum has been read by all
    if (subgroupElect()) reduce_parts[gl_SubgroupID] = part;
    barrier(); // parts are written before they are added
    float total = 0.0;
    for (uint i = 0; i < gl_NumSubgroups; i++) total += reduce_parts[i];
    return total;
}
