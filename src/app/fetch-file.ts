/** The bytes at an address. `name` is what an error calls it. */
export async function fetchFile(address: string, name: string): Promise<Uint8Array> {
  const response = await fetch(address)
  if (!response.ok) throw new Error(`${name} could not be fetched: the server answered ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}
