// Which of several workgroups ends last, so that no dispatch has to wait for them all.
// Needs: counters, a coherent buffer that is zero between dispatches.
shared uint isLast;

// Counts this workgroup at a counter; true in all its invocations if it is the last of so many. What it and those before it wrote is then visible.
bool last_of(uint counter, uint workgroups)
{
    memoryBarrierBuffer();
    barrier(); // all of this workgroup's results are written before it is counted
    if (gl_LocalInvocationID.x == 0u)
    {
        isLast = 1u;
        if (workgroups > 1u)
        {
            isLast = atomicAdd(counters[counter], 1u) + 1u == workgroups ? 1u : 0u;
            if (isLast == 1u) atomicExchange(counters[counter], 0u);
        }
    }

    barrier(); // the count is known to all
    memoryBarrierBuffer();
    return isLast == 1u;
}
