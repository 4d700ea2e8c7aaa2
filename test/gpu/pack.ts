export async function pack(_f: string, _d?: string, _g?: string) {}
