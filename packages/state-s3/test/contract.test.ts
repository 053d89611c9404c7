import { contractOn } from "./contract-on.ts";

await contractOn("versitygw", { nesting: "refused", secrets: ["not-a-secret"] });
